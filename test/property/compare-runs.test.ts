import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withIndexedRoot } from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { expectComparisonOfLines } from '../support/comparison-check.js'

/** Few values, in several spellings each, so that runs mostly say the same. */
const details = fc.constantFrom(
  '{"variable_name":"x","n":1}',
  '{"n":1.0,"variable_name":"x"}',
  '{ "variable_name" : "x", "n" : 10e-1 }',
  '{"variable_name":"x","n":2}',
  '{"decision_type":"d","list":[1,{"a":null}]}',
  '{"list":[1.0,{"a":null}],"decision_type":"\\u0064"}',
  '{"action_type":"t","participating_agent_ids":["anna","ben"]}',
  '{"participating_agent_ids":["anna","ben"],"action_type":"t"}',
  'null',
)

const event = fc.record({
  turn: fc.constantFrom(0, 0, 1, 2, 5, 2 ** 40),
  type: fc.constantFrom('DECISION', 'ACTION', 'STATE', 'ENV', 'DETAIL', 'MILESTONE'),
  agent: fc.constantFrom(undefined, '"agent_id":null', '"agent_id":"anna"', '"agent_id":"ben"'),
  details: fc.option(details, { nil: undefined }),
  /** Few instants, in any order. */
  at: fc.nat({ max: 9 }),
})

type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

function linesOf(run: string, events: readonly Event[]): string[] {
  return events.map(({ turn, type, agent, details: said, at }, index) => {
    const members = [
      `"event_id":"${run}${index}"`,
      `"timestamp":"2026-01-01T00:00:0${at}.000000+00:00"`,
      `"turn_number":${turn}`,
      `"event_type":"${type}"`,
      ...(agent === undefined ? [] : [agent]),
      ...(said === undefined ? [] : [`"details":${said}`]),
    ]
    return `{${members.join(',')}}`
  })
}

const scenario = fc.record({
  shared: fc.array(event, { maxLength: 30 }),
  /** What one of the runs has beside that. */
  onlyA: fc.array(event, { maxLength: 8 }),
  onlyB: fc.array(event, { maxLength: 2 }),
  /** By what the second run has its events in another order. */
  rotate: fc.nat({ max: 30 }),
  /** What is indexed in a second pass. */
  cut: fc.nat({ max: 30 }),
  turnStart: fc.option(fc.nat({ max: 6 }), { nil: undefined }),
  turnEnd: fc.option(fc.constantFrom(0, 1, 5, 2 ** 40), { nil: undefined }),
  maxShown: fc.integer({ min: 1, max: 2 }),
})

describe('a comparison of runs', () => {
  it('is what a reading of every line says, of any two runs', async () => {
    const seen = { same: 0, different: 0, truncated: 0, empty: 0 }
    await fc.assert(
      fc.asyncProperty(scenario, async ({ shared, onlyA, onlyB, rotate, cut, ...options }) => {
        const rotated = [...shared.slice(rotate), ...shared.slice(0, rotate)]
        const a = linesOf('a', [...onlyA, ...shared])
        const b = linesOf('b', [...rotated, ...onlyB])
        const runs = (from: number, to?: number) => ({
          a: { 'events.jsonl': a.slice(from, to) },
          b: { 'events.jsonl': b.slice(from, to) },
        })
        await withIndexedRoot(runs(0, cut), async (indexed) => {
          await indexed.append(runs(cut))
          const read = [readRun(indexed.root, 'a'), readRun(indexed.root, 'b')] as const
          const found = await expectComparisonOfLines(indexed, read, options)
          const { firstDifference, comparedTurns } = found
          seen[firstDifference === undefined ? 'same' : 'different']++
          if (comparedTurns === undefined) seen.empty++
          const shown = Object.values(firstDifference?.surplus ?? {}).flat()
          if (shown.some(({ count, events }) => count > events.length)) seen.truncated++
        })
      }),
      { numRuns: 150 },
    )
    // Otherwise the property says less than it seems to.
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0)
  })
})
