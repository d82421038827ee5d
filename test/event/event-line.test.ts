import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createActionEvent, createMilestoneEvent } from '#src/event/builders.js'
import { decodeLine, encodeLine } from '#src/event/event-line.js'
import type { DecodedLine } from '#src/event/line-parts.js'
import { eventTypeOfCode } from '#src/event/event-type.js'
import { parseTimestamp } from '#src/event/timestamp.js'
import { anyKeyText, jsonText, keyText, objectText } from '../support/hostile-json.js'

const RUN = 'market-1'
const ID = '01K6QSPYQQECAPQKQSZ39S9QG5'
const AT = '2025-10-04T14:23:45.123456+00:00'
const REQUIRED = `"event_id":"${ID}","timestamp":"${AT}","turn_number":3,"event_type":"ACTION"`

/** A line with everything a reader needs, and more. */
function line(more = ''): string {
  return `{${REQUIRED}${more}}`
}

function decoded(text: string): DecodedLine {
  const result = decodeLine(text, RUN)
  if ('problem' in result) throw new Error(result.problem)
  return result
}

function problemOf(text: string): string {
  const result = decodeLine(text, RUN)
  return 'problem' in result ? result.problem : 'none'
}

describe('decodeLine', () => {
  it.each([
    ['["anna","ben","anna"]', ['anna', 'ben']],
    ['["", "a\\u0062", 7, null, ["x"], "\\ud800"]', ['', 'ab']],
    ['[]', []],
    ['"anna"', []],
    ['{"0":"anna"}', []],
  ])('takes whoever %s names for participants', (names, participants) => {
    const text = line(`,"details":{"action_type":"trade","participating_agent_ids":${names}}`)
    expect(decoded(text).participants).toEqual(participants)
  })

  it('takes a line apart', () => {
    const text = line(
      `,"simulation_id":"${RUN}","agent_id":"anna","caused_by":["a","b"],"description":"sells","details":{"action_type":"offer","action_payload":{"price":1.0}}`,
    )
    expect(decoded(text)).toEqual({
      eventId: ID,
      timestamp: parseTimestamp(AT),
      turn: 3,
      type: 3,
      agentId: 'anna',
      causedBy: '["a","b"]',
      description: 'sells',
      details: '{"action_type":"offer","action_payload":{"price":1.0}}',
      shape: 81 + 2 + 3 * 2 + 9 * 2 + 27 * 2,
      raw: null,
      kind: 'offer',
      causes: ['a', 'b'],
      participants: [],
    })
  })

  it('needs no more than four fields', () => {
    expect(decoded(line())).toMatchObject({
      agentId: null,
      causedBy: null,
      description: null,
      details: null,
      shape: 0,
      raw: null,
      kind: null,
      causes: [],
      participants: [],
    })
  })

  it.each([
    ['as the builders order it', ''],
    ['with its simulation', `,"simulation_id":"${RUN}"`],
    ['with nulls for what is absent', ',"agent_id":null,"caused_by":null,"description":null'],
    ['with details that are null', ',"details":null'],
    ['with numbers of any spelling', ',"details":{"a":1.0,"b":1e22,"c":9007199254740993}'],
    ['with a details text', ',"details":"free text"'],
    ['with one cause, not in a list', ',"caused_by":"a"'],
  ])('needs no copy of a line %s', (_, more) => {
    expect(decoded(line(more)).raw).toBeNull()
    expect(encodeLine(decoded(line(more)), RUN)).toBe(line(more))
  })

  it.each([
    ['names another run', line(',"simulation_id":"other"')],
    ['names no run, in so many words', line(',"simulation_id":null')],
    ['has a key of its own', line(',"mood":"calm"')],
    ['has a key named __proto__', line(',"__proto__":{"event_id":"x"}')],
    ['has another order', line(',"details":null,"agent_id":null')],
    ['has white space', `{ ${REQUIRED}}`],
    ['ends in white space', `${line()} `],
    ['spells its timestamp with Z', line().replace('+00:00', 'Z')],
    ['spells its turn with a fraction', line().replace(':3,', ':3.0,')],
    ['spells its turn below zero', line().replace(':3,', ':-0,')],
    ['escapes what needs no escape', line(',"agent_id":"\\u0061nna"')],
    ['escapes a key', line(',"\\u0061gent_id":"anna"')],
    ['names its agent by a number', line(',"agent_id":7')],
    ['holds half of a surrogate pair', line(',"description":"\\ud83d"')],
    ['says something twice', line(',"agent_id":"anna","agent_id":"ben"')],
    ['says details twice', line(',"details":{"a":1},"details":{"a":2}')],
  ])('keeps a line whole that %s', (_, text) => {
    expect(decoded(text).raw).toBe(text)
    expect(encodeLine(decoded(text), RUN)).toBe(text)
  })

  it('has the last word of a key given twice, as JSON.parse does', () => {
    const text = line(
      ',"agent_id":"anna","agent_id":"ben","details":{"action_type":"x"},"details":5',
    )
    expect(decoded(text)).toMatchObject({ agentId: 'ben', details: '5', kind: null })
  })

  it('does not take the fields of __proto__ for its own', () => {
    expect(problemOf(`{"__proto__":{${REQUIRED}}}`)).toBe(
      'event_id must be a non-empty string, not missing',
    )
    expect(decoded(line(',"__proto__":{"agent_id":"x"}')).agentId).toBeNull()
  })

  it('keeps the name ENV and finds its variable', () => {
    const text = line(',"details":{"variable_name":"rain"}').replace('ACTION', 'ENV')
    expect(decoded(text)).toMatchObject({ kind: 'rain', raw: null })
    expect(eventTypeOfCode(decoded(text).type)).toBe('ENV')
  })

  it.each([
    ['MILESTONE', 'milestone_type'],
    ['DECISION', 'decision_type'],
    ['ACTION', 'action_type'],
    ['STATE', 'variable_name'],
    ['DETAIL', 'calculation_type'],
    ['SYSTEM', 'status'],
  ])('finds the word of a %s in %s', (type, key) => {
    const word = (value: string): string | null =>
      decoded(line(`,"details":{"${key}":${value}}`).replace('ACTION', type)).kind
    expect(word('"own word"')).toBe('own word')
    expect(word('3')).toBeNull()
    expect(word('null')).toBeNull()
    expect(word('"\\ud83d"')).toBeNull()
  })

  it.each([
    ['["a","b","a"]', ['a', 'b']],
    ['[]', []],
    ['null', []],
    ['"a"', ['a']],
    ['[1,null,{"a":1},"a",["b"],"\\ud83d"]', ['a']],
    ['{"a":"b"}', []],
    ['""', []],
    ['["","a"]', ['a']],
  ])('reads the causes of %s as %j', (causedBy, causes) => {
    expect(decoded(line(`,"caused_by":${causedBy}`)).causes).toEqual(causes)
  })

  it.each([
    ['', 'an empty line'],
    [' \t', 'an empty line'],
    ['hello', 'not JSON: '],
    [line().slice(0, -1), 'not JSON: '],
    [`${line()}${line()}`, 'not JSON: '],
    [`\ufeff${line()}`, 'not JSON: '],
    ['null', 'not a JSON object but null'],
    ['3', 'not a JSON object but 3'],
    ['"text"', 'not a JSON object but "text"'],
    [`[${line()}]`, 'not a JSON object but an array'],
    ['{}', 'event_id must be a non-empty string, not missing'],
    [line().replace(`"${ID}"`, '""'), 'event_id must be a non-empty string, not ""'],
    [line().replace(`"${ID}"`, '7'), 'event_id must be a non-empty string, not 7'],
    [line().replace(`"${ID}"`, '["a"]'), 'event_id must be a non-empty string, not an array'],
    [line().replace(ID, '\\ud83d'), 'event_id must be a non-empty string, not "\\ud83d"'],
    [line().replace('"timestamp"', '"time"'), 'timestamp must be a string, not missing'],
    [line().replace(`"${AT}"`, '1759587825'), 'timestamp must be a string, not 1759587825'],
    [
      line().replace(AT, '2025-13-01T00:00:00Z'),
      'timestamp "2025-13-01T00:00:00Z" is not an ISO 8601 date and time between 1685 and 2254',
    ],
    [line().replace(AT, '9999-12-31T23:59:59Z'), 'between 1685 and 2254'],
    [
      line().replace('"turn_number"', '"turn"'),
      'turn_number must be an integer from 0, not missing',
    ],
    [line().replace(':3,', ':-1,'), 'turn_number must be an integer from 0, not -1'],
    [line().replace(':3,', ':1.5,'), 'turn_number must be an integer from 0, not 1.5'],
    [line().replace(':3,', ':"3",'), 'turn_number must be an integer from 0, not "3"'],
    [line().replace(':3,', ':null,'), 'turn_number must be an integer from 0, not null'],
    [line().replace(':3,', ':9007199254740993,'), 'turn_number must be an integer from 0, not 9'],
    [line().replace('"ACTION"', '"PARTY"'), 'event_type must be a known type, not "PARTY"'],
    [line().replace('"ACTION"', '"action"'), 'event_type must be a known type, not "action"'],
    [line().replace('"ACTION"', '{}'), 'event_type must be a known type, not an object'],
    [line().replace('"event_type"', '"type"'), 'event_type must be a known type, not missing'],
  ])('says of %j: %s', (text, problem) => {
    expect(problemOf(text)).toContain(problem)
  })

  it('shows no more than a glimpse of a long wrong value, and no half characters', () => {
    const problem = problemOf(line().replace('"ACTION"', `"${'😀'.repeat(5000)}"`))
    expect(problem.length).toBeLessThan(120)
    expect(problem.isWellFormed()).toBe(true)
    expect(problemOf('x😀'.repeat(50)).isWellFormed()).toBe(true)
    expect(problemOf('x😀x'.repeat(50)).isWellFormed()).toBe(true)
  })

  it('is not troubled by deep nesting', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const text = line(`,"details":{"calculation":${deep}}`)
    expect(encodeLine(decoded(text), RUN)).toBe(text)
    expect(problemOf('['.repeat(100_000))).toContain('not JSON')
    expect(problemOf(deep)).toBe('not a JSON object but an array')
  })

  it('needs no copy of what the builders make', () => {
    const events = [
      createMilestoneEvent({ simulationId: RUN, turnNumber: 0, milestoneType: 'turn_start' }),
      createActionEvent({
        simulationId: RUN,
        turnNumber: 1,
        agentId: 'Großbank "München" 😀\u2028',
        causedBy: [ID],
        description: 'a\tb\\c',
        actionType: 'offer',
        actionPayload: { price: 1e22, '': null },
      }),
    ]
    for (const event of events) expect(decoded(JSON.stringify(event)).raw).toBeNull()
  })
})

const FIELDS: Record<string, fc.Arbitrary<string>> = {
  event_id: fc.constantFrom(`"${ID}"`, '"\\u0031"', '"é"', '""', '7', 'null'),
  timestamp: fc.constantFrom(
    `"${AT}"`,
    `"${AT}"`,
    `"${AT}"`,
    '"2025-10-04T14:23:45Z"',
    '"2025-10-04T14:23:45.123456\\u002b00:00"',
    '"1955-10-04T14:23:45.999999999-05:30"',
    '"x"',
  ),
  turn_number: fc.constantFrom('0', '1', '12', '3.0', '1e2', '-0', '9007199254740993', '"1"'),
  event_type: fc.constantFrom('"ACTION"', '"ENV"', '"SYSTEM"', '"\\u0053TATE"', '"x"'),
  simulation_id: fc.constantFrom(`"${RUN}"`, `"${RUN}"`, '"other"', 'null', '3'),
  agent_id: fc.oneof(fc.constantFrom('"anna"', 'null'), jsonText),
  caused_by: fc.oneof(fc.constantFrom('["a","a"]', 'null', '[ "a" ]'), jsonText),
  description: fc.oneof(fc.constantFrom('"sells"', 'null'), jsonText),
  details: fc.oneof(fc.constantFrom('{"action_type":"offer"}', 'null'), jsonText),
}

const members = Object.entries(FIELDS).map(([key, value]) => fc.tuple(keyText(key), value))
const inOrder = fc.tuple(...members)
const strangers = fc.array(fc.oneof(...members, fc.tuple(anyKeyText, jsonText)), { maxLength: 3 })

/** Lines that say most of what an event says, in ways nobody would expect. */
const hostileLines = objectText(
  fc
    .tuple(
      inOrder,
      strangers,
      fc.array(fc.nat(11), { maxLength: 3 }),
      fc.boolean(),
      fc.infiniteStream(fc.nat()),
    )
    .map(([known, more, left, shuffled, dice]) => {
      const kept = [...known, ...more].filter((_, index) => !left.includes(index))
      if (!shuffled) return kept
      const ranks = new Map(kept.map((member) => [member, Number(dice.next().value)]))
      return kept.sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0))
    }),
)

/** Lines as turnlog would write them, but for the odd value. */
const plainLines = fc.tuple(...Object.values(FIELDS)).map((values) => {
  const keys = Object.keys(FIELDS)
  return `{${values.map((value, index) => `"${keys[index] ?? ''}":${value}`).join(',')}}`
})

describe('decodeLine and encodeLine', () => {
  it('lose nothing: any line is a problem or comes back byte for byte', () => {
    let events = 0
    fc.assert(
      fc.property(fc.oneof(hostileLines, plainLines), (text) => {
        const result = decodeLine(text, RUN)
        if ('problem' in result) return
        events++
        expect(encodeLine(result, RUN)).toBe(text)
      }),
      { numRuns: 2000 },
    )
    expect(events).toBeGreaterThan(100)
  })

  it('say in their fields what JSON.parse says', () => {
    fc.assert(
      fc.property(fc.oneof(hostileLines, plainLines), (text) => {
        const result = decodeLine(text, RUN)
        if ('problem' in result) return
        const parsed = JSON.parse(text) as Record<string, unknown>
        expect(result.eventId).toBe(parsed['event_id'])
        expect(result.timestamp).toBe(parseTimestamp(String(parsed['timestamp'])))
        expect(result.turn).toBe(Number(parsed['turn_number']) + 0)
        expect(eventTypeOfCode(result.type)).toBe(parsed['event_type'])
        for (const [key, value] of [
          ['agent_id', result.agentId],
          ['description', result.description],
        ] as const) {
          const said = parsed[key]
          expect(value).toBe(typeof said === 'string' && said.isWellFormed() ? said : null)
        }
        for (const [key, value] of [
          ['caused_by', result.causedBy],
          ['details', result.details],
        ] as const) {
          expect(value === null ? null : JSON.parse(value)).toEqual(parsed[key] ?? null)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('throw nothing at any text whatever', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), jsonText), (text) => {
        expect(decodeLine(text, RUN)).toBeTypeOf('object')
      }),
    )
  })
})
