import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventLine, type RunLines, withIndexedRoot } from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { expectPathOfLines } from '../support/path-check.js'

const RUNS = ['one', 'two']
const IDS = 30

const spell = (index: number): string => `n${String(index).padStart(2, '0')}`
const id = fc.nat({ max: IDS - 1 }).map(spell)
/** Events of the hub's kind have many effects; nobody recorded the others. */
const hub = fc.constantFrom('n03', 'n17')
const unknown = fc.constantFrom('x', 'y')

/** Sparse, so that paths are long, and some pairs have none. */
const causes = fc.oneof(
  { weight: 6, arbitrary: fc.array(id, { maxLength: 2 }) },
  { weight: 2, arbitrary: fc.array(fc.oneof(hub, id), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.oneof(id, unknown), { minLength: 5, maxLength: 15 }) },
  { weight: 1, arbitrary: fc.array(fc.oneof(hub, unknown), { maxLength: 3 }) },
)

const event = fc.record({
  id,
  causes,
  namesItself: fc.nat({ max: 9 }).map((of) => of === 0),
  /** Few instants, so that ties are common. */
  at: fc.nat({ max: 9 }),
})

const run = fc.record({
  events: fc.uniqueArray(event, { selector: (each) => each.id, minLength: 15, maxLength: IDS }),
  /** Whether causes are among the events before: runs mostly are like that. */
  forward: fc.boolean(),
  /** Whether the lines are in the order of events. */
  sorted: fc.boolean(),
  /** What is indexed in a second pass: causes that come late. */
  cut: fc.nat({ max: IDS }),
})

type Run = typeof run extends fc.Arbitrary<infer T> ? T : never

function linesOf({ events, forward, sorted }: Run): string[] {
  const key = (each: Pick<Run['events'][number], 'at' | 'id'>): string => `${each.at} ${each.id}`
  const inOrder = [...events].sort((a, b) => (key(a) < key(b) ? -1 : 1))
  const places = new Map(inOrder.map((each, place) => [each.id, place]))
  return (sorted ? inOrder : events).map(({ id, causes, namesItself, at }) => {
    const place = places.get(id) ?? 0
    const kept = causes.filter((cause) => !forward || (places.get(cause) ?? -1) < place)
    return eventLine({
      id,
      causes: namesItself ? [...kept, id] : kept,
      timestamp: `2026-01-01T00:00:0${at}.000000+00:00`,
    })
  })
}

function pieces(runs: readonly Run[], piece: (run: Run) => string[]): RunLines {
  return Object.fromEntries(
    runs.map((each, index) => [RUNS[index] ?? '', { 'events.jsonl': piece(each) }]),
  )
}

describe('a causal path', () => {
  it('is the one that a reading of every line finds, between any two events of any graph', async () => {
    const seen = { path: 0, opposite: 0, none: 0, ordered: 0, unordered: 0 }
    await fc.assert(
      fc.asyncProperty(fc.tuple(run, run), async (runs) => {
        const first = pieces(runs, (each) => linesOf(each).slice(0, each.cut))
        await withIndexedRoot(first, async (indexed) => {
          await indexed.append(pieces(runs, (each) => linesOf(each).slice(each.cut)))
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
            const ids = events.map(({ position }) => position.eventId)
            for (const [index, cause] of ids.entries()) {
              for (const effect of ids.filter((_, at) => (at + index) % 11 === 0)) {
                seen[await expectPathOfLines(indexed, events, [cause, effect], name)]++
              }
            }
          }
        })
      }),
      { numRuns: 40 },
    )
    // Otherwise the property says less than it seems to.
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0)
  })
})
