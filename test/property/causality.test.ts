import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TRACE_DIRECTIONS } from '#src/query/causality-fields.js'
import { eventLine, type RunLines, withIndexedRoot } from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { expectTraceOfLines } from '../support/trace-check.js'

const RUNS = ['one', 'two']
const IDS = 40

const id = fc.nat({ max: IDS - 1 }).map((index) => `n${String(index).padStart(2, '0')}`)
/** Ids that no event has. */
const unknown = fc.constantFrom('x', 'y', 'z')
/** Few, so that cycles are short, and so that some events have many effects. */
const hub = fc.constantFrom('n03', 'n17', 'n31')

const event = fc.record({
  id,
  causes: fc.oneof(
    { weight: 4, arbitrary: fc.array(id, { maxLength: 3 }) },
    { weight: 5, arbitrary: fc.array(fc.oneof(hub, id), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(fc.oneof(id, unknown), { minLength: 10, maxLength: 30 }) },
    { weight: 1, arbitrary: fc.array(fc.oneof(hub, unknown), { maxLength: 4 }) },
  ),
  namesItself: fc.nat({ max: 9 }).map((of) => of === 0),
  /** Few instants, so that ties are common. */
  at: fc.nat({ max: 9 }),
})

const run = fc.record({
  events: fc.uniqueArray(event, { selector: (each) => each.id, minLength: 20, maxLength: IDS }),
  /** Whether the lines are in the order of events: a run is walked one way or the other by that. */
  sorted: fc.boolean(),
  /** What is indexed in a second pass: causes that come late. */
  cut: fc.nat({ max: IDS }),
})

const request = fc.record({
  direction: fc.constantFrom(...TRACE_DIRECTIONS),
  depth: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 20 })),
  maxNodes: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: IDS + 1 })),
})

type Run = typeof run extends fc.Arbitrary<infer T> ? T : never

function linesOf({ events, sorted }: Run): string[] {
  const key = (each: Run['events'][number]): string => `${each.at} ${each.id}`
  const ordered = sorted ? [...events].sort((a, b) => (key(a) < key(b) ? -1 : 1)) : events
  return ordered.map(({ id, causes, namesItself, at }) =>
    eventLine({
      id,
      causes: namesItself ? [...causes, id] : causes,
      timestamp: `2026-01-01T00:00:0${at}.000000+00:00`,
    }),
  )
}

describe('causality', () => {
  it('is what a reading of every line says, from any event of any graph', async () => {
    const seen = { ordered: 0, unordered: 0, truncated: 0, missing: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(run, run),
        fc.array(request, { minLength: 4, maxLength: 4 }),
        async (runs, requests) => {
          const pieces = (piece: (run: Run) => string[]): RunLines =>
            Object.fromEntries(
              RUNS.map((name, index) => [
                name,
                { 'events.jsonl': runs[index] === undefined ? [] : piece(runs[index]) },
              ]),
            )
          const first = pieces((each) => linesOf(each).slice(0, each.cut))
          await withIndexedRoot(first, async (indexed) => {
            await indexed.append(pieces((each) => linesOf(each).slice(each.cut)))
            for (const name of RUNS) {
              const { ordered } = await indexed.reader.read((snapshot) =>
                snapshot
                  .selectFrom('simulation')
                  .select('ordered')
                  .where('name', '=', name)
                  .executeTakeFirstOrThrow(),
              )
              seen[ordered === 1 ? 'ordered' : 'unordered']++
              const events = readRun(indexed.root, name)
              for (const { position } of events) {
                for (const each of requests) {
                  const { truncated, missing } = await expectTraceOfLines(
                    indexed,
                    events,
                    position.eventId,
                    each,
                    name,
                  )
                  if (truncated) seen.truncated++
                  if (missing.length > 0) seen.missing++
                }
              }
            }
          })
        },
      ),
      { numRuns: 40 },
    )
    // Otherwise the property says less than it seems to.
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0)
  })
})
