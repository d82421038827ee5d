import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { addFilterOptions, readFilter } from '#cli/filter-options.js'
import { parseTimestamp } from '#src/event/timestamp.js'
import type { EventFilter } from '#src/query/event-filter.js'

/** The filter that flags ask for; what is not asked for is left out. */
function filterOf(...args: string[]): Partial<EventFilter> {
  const command = addFilterOptions(new Command('events')).parse(args, { from: 'user' })
  const filter = Object.entries(readFilter(command))
  return Object.fromEntries(filter.filter(([, value]) => value !== undefined))
}

function errorOf(...args: string[]): unknown {
  try {
    return filterOf(...args)
  } catch (error) {
    return error
  }
}

describe('the flags of a filter', () => {
  it('ask for nothing unless they are given', () => {
    expect(filterOf()).toEqual({})
  })

  it.each<[string, string[], Partial<EventFilter>]>([
    ['turns', ['--turn-start', '3', '--turn-end', '7'], { turnStart: 3, turnEnd: 7 }],
    ['one turn', ['--turn', '37'], { turnStart: 37, turnEnd: 37 }],
    [
      'types',
      ['--type', 'DECISION,ACTION', '--type', 'ENV'],
      { eventTypes: ['DECISION', 'ACTION', 'ENV'] },
    ],
    ['agents', ['--agent', 'a, b', '--agent', 'c'], { agentIds: ['a, b', 'c'] }],
    ['who takes part', ['--involving', 'a'], { involving: ['a'] }],
    ['kinds', ['--kind', 'mood', '--kind', 'plan'], { kinds: ['mood', 'plan'] }],
    [
      'words',
      ['--q', 'grain'],
      {
        search: {
          wanted: [expect.objectContaining({ text: 'grain', isPrefix: false })],
          unwanted: [],
        },
      },
    ],
    [
      'details',
      ['--details', 'action_payload.amount=3', '--details', 'note=a=b'],
      {
        details: [
          { path: ['action_payload', 'amount'], value: '3' },
          { path: ['note'], value: 'a=b' },
        ],
      },
    ],
    [
      'times',
      ['--start', '2025-10-04T14:00:00Z', '--end', '2025-10-04T14:23:45Z'],
      {
        startTimestamp: parseTimestamp('2025-10-04T14:00:00Z'),
        endTimestamp: parseTimestamp('2025-10-04T14:23:45Z'),
      },
    ],
  ])('ask for %s', (_, args, filter) => {
    expect(filterOf(...args)).toEqual(filter)
  })

  it.each([
    [['--turn', '3x'], '--turn "3x" must be a whole number from 0 to 9007199254740991'],
    [
      ['--type', 'decison'],
      /^--type "decison" must be one of MILESTONE, .*; did you mean DECISION\?$/,
    ],
    [['--start', 'yesterday'], /^--start "yesterday" must be an ISO 8601 date and time/],
    [['--agent', ''], '--agent "" must not be empty'],
    [['--q', '!'], '--q "!" must have a letter or a digit to look for'],
    [['--details', 'amount'], '--details "amount" must be a path, = and a value'],
    [['--details', 'a..b=1'], '--details "a..b" must name a key before and behind every dot'],
    [
      ['--turn-start', '7', '--turn-end', '3'],
      '--turn-end "3" must not be smaller than --turn-start',
    ],
    [
      ['--turn', '7', '--turn-end', '3'],
      '--turn "7" cannot be used together with --turn-start or --turn-end',
    ],
    [['--turn', 'x', '--agent', ''], /^--turn "x" .*; --agent "" must not be empty$/],
  ])('refuse %j', (args, message) => {
    const pattern: unknown = typeof message === 'string' ? message : expect.stringMatching(message)
    expect(errorOf(...args)).toMatchObject({
      code: 'SETTING_INVALID',
      message: pattern,
      hint: '`turnlog events --help` says what each flag takes',
    })
  })
})
