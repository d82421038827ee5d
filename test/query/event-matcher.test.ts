import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BEFORE_ALL, readArrivals } from '#src/query/arrival-order.js'
import { readArrivedEvents } from '#src/query/arrived-events.js'
import { RECORDED_EVENT_TYPES } from '#src/event/event-type.js'
import type { TimestampMicros } from '#src/event/timestamp.js'
import type { EventFilter } from '#src/query/event-filter.js'
import { createMatcher, type MatchedEvent } from '#src/query/event-matcher.js'
import { listEvents } from '#src/query/list-events.js'
import { findSimulation } from '#src/query/simulation-row.js'
import { eventLine, withIndexedRoot } from '../support/indexed-root.js'
import { saidEvent, saidFilter } from '../support/said-events.js'

const AGENTS = ['x', 'X', 'ж', '__proto__', 'a b']
const KINDS = ['wealth', 'x', '']
const START = Date.UTC(2025, 5, 1) * 1000

const instant = fc.nat({ max: 20 })
const turn = fc.oneof(fc.nat({ max: 4 }), fc.constant(Number.MAX_SAFE_INTEGER))
const event = fc.record({
  instant,
  turn,
  type: fc.constantFrom(...RECORDED_EVENT_TYPES),
  agent: fc.option(fc.constantFrom(...AGENTS), { nil: undefined }),
  details: fc.option(
    fc.record(
      {
        variable_name: fc.constantFrom(...KINDS),
        action_type: fc.constantFrom(...KINDS),
        participating_agent_ids: fc.subarray([...AGENTS, 'nobody else']),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  ),
})
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 1 })
const time = instant.map((at) => (START + at) as TimestampMicros)
const filter: fc.Arbitrary<EventFilter> = fc.record({
  startTimestamp: optional(time),
  endTimestamp: optional(time),
  turnStart: optional(turn),
  turnEnd: optional(turn),
  eventTypes: optional(fc.subarray([...RECORDED_EVENT_TYPES])),
  agentIds: optional(fc.subarray([...AGENTS, 'nobody'])),
  kinds: optional(fc.subarray([...KINDS, 'unknown'])),
  involving: optional(fc.subarray([...AGENTS, 'nobody', 'nobody else'])),
})

/** Holds what a matcher finds, one by one, against what listEvents finds of all. @returns how many it finds */
async function checkMatcher(
  lines: readonly string[],
  filters: readonly EventFilter[],
): Promise<number> {
  let count = 0
  await withIndexedRoot({ run: { 'events.jsonl': lines } }, async ({ reader }) => {
    await reader.read(async (snapshot) => {
      const run = await findSimulation(snapshot, 'run')
      const { rows = [] } = (await readArrivals(snapshot, run, BEFORE_ALL)) ?? {}
      const ids = rows.map(({ id }) => id)
      const all = await readArrivedEvents(snapshot, run, ids, { searched: true })
      expect(all.map(({ text }) => text)).toEqual(lines)
      for (const filter of filters) {
        const page = { filter, order: 'asc', limit: 10_000 } as const
        const found = (await listEvents(snapshot, 'run', page)).events
        const { match, searches } = createMatcher(filter)
        expect(searches).toBe(filter.search !== undefined)
        const matches = match(all)
        const matching = all.filter((_, index) => matches[index]).map(({ text }) => text)
        expect(matching.sort()).toEqual([...found].sort())
        count += matching.length
      }
    })
  })
  return count
}

describe('createMatcher', () => {
  it('finds, one by one, what listEvents finds of all', async () => {
    const events = fc.array(event, { minLength: 1, maxLength: 60 })
    const filters = fc.array(filter, { minLength: 20, maxLength: 20 })
    let matches = 0
    await fc.assert(
      fc.asyncProperty(events, filters, async (recorded, asked) => {
        const lines = recorded.map(({ instant: at, ...fields }, index) =>
          eventLine({
            ...fields,
            id: `e${index}`,
            timestamp: `2025-06-01T00:00:00.${String(at).padStart(6, '0')}Z`,
          }),
        )
        matches += await checkMatcher(lines, asked)
      }),
      { numRuns: 40 },
    )
    // Unless some filters let something through, it tries too little.
    expect(matches).toBeGreaterThan(1_000)
  })

  it('finds words and values likewise', async () => {
    const events = fc.array(saidEvent, { minLength: 1, maxLength: 60 })
    const filters = fc.array(saidFilter, { minLength: 20, maxLength: 20 })
    let matches = 0
    await fc.assert(
      fc.asyncProperty(events, filters, async (makers, asked) => {
        const lines = makers.map((makeLine, number) => makeLine(number))
        matches += await checkMatcher(lines, asked)
      }),
      { numRuns: 40 },
    )
    expect(matches).toBeGreaterThan(100)
  })

  it('reads what is searched of events once for all who ask of the same', () => {
    let reads = 0
    const event: MatchedEvent = {
      timestamp: START as TimestampMicros,
      turn: 0,
      type: 0,
      agentId: null,
      kind: null,
      participants: [],
      details: '{"price":1}',
      get searched() {
        reads++
        return { description: 'prices rise', details: null }
      },
    }
    const events = [event]
    const matchesOf = (text: string, value: string): readonly boolean[] => {
      const search = { wanted: [{ text, isPrefix: false }], unwanted: [] }
      return createMatcher({ search, details: [{ path: ['price'], value }] }).match(events)
    }
    expect(matchesOf('rise', '1')).toEqual([true])
    expect(matchesOf('fall', '1')).toEqual([false])
    expect(matchesOf('prices', '1.0')).toEqual([true])
    expect(matchesOf('prices', '2')).toEqual([false])
    expect(reads).toBe(1)
  })
})
