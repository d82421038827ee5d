import fc from 'fast-check'
import { RECORDED_EVENT_TYPES } from '#src/event/event-type.js'
import { formatTimestamp, type TimestampMicros } from '#src/event/timestamp.js'
import type { EventFilter } from '#src/query/event-filter.js'
import { eventLine, type IndexedRoot } from './indexed-root.js'

/** Runs that get events in every pass. */
export const RUNS = ['a', 'b b', 'ç'] as const

const AGENTS = ['x', 'X', 'ж', '__proto__', 'a b', '7']
const WORDS = ['wealth', 'x', '']

/** Close together, so that some are the same; before 1970; and as far apart as columns can say. */
const instant = fc
  .oneof(
    { weight: 6, arbitrary: fc.nat({ max: 30 }).map((at) => Date.UTC(2025, 5) * 1000 + at) },
    { weight: 1, arbitrary: fc.integer({ min: -20, max: 20 }) },
    { weight: 1, arbitrary: fc.nat({ max: 20 }).map((at) => Date.UTC(1750, 0) * 1000 + at) },
  )
  .map((micros) => micros as TimestampMicros)

const turn = fc.oneof(
  fc.nat({ max: 5 }),
  fc.integer({ min: 60, max: 68 }),
  fc.integer({ min: 120, max: 200 }),
  fc.integer({ min: Number.MAX_SAFE_INTEGER - 3, max: Number.MAX_SAFE_INTEGER }),
)

const event = fc.record({
  run: fc.constantFrom(...RUNS),
  instant,
  turn,
  type: fc.constantFrom(...RECORDED_EVENT_TYPES),
  agent: fc.option(fc.constantFrom(...AGENTS), { nil: undefined }),
  details: fc.option(
    fc.record(
      {
        variable_name: fc.constantFrom(...WORDS),
        action_type: fc.constantFrom(...WORDS),
        participating_agent_ids: fc.subarray([...AGENTS, 'nobody else']),
        old_value: fc.constantFrom(null, 1, 'x'),
        new_value: fc.constantFrom(null, 2, { y: [1] }),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  ),
  prefix: fc.constantFrom('a', 'b', 'Z', '\u{1f600}', '\uff5e'),
})

/** A line, and the run it is of. */
export interface RunLine {
  readonly run: string
  readonly line: string
}

/** Lines in the order in which they arrive, which is not that of their instants, pass by pass. */
export const anyPasses: fc.Arbitrary<readonly (readonly RunLine[])[]> = fc
  .array(fc.array(event, { maxLength: 40 }), { minLength: 1, maxLength: 4 })
  .map((passes) =>
    passes.map((pass, passIndex) =>
      pass.map(({ run, instant: at, turn: turnNumber, type, agent, details, prefix }, index) => ({
        run,
        line: eventLine({
          id: `${prefix}-${passIndex}-${index}`,
          timestamp: formatTimestamp(at),
          turn: turnNumber,
          type,
          agent,
          details,
        }),
      })),
    ),
  )

/** Sizes of leaves and stretches so small that few events make many of both. */
export const smallSizes = fc.record({
  leafEvents: fc.integer({ min: 1, max: 9 }),
  leaves: fc.integer({ min: 2, max: 4 }),
})

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 1 })
const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })

/** Bounds and agents, each there or not. */
export const anyBounds = fc.record({
  startTimestamp: optional(instant),
  endTimestamp: optional(instant),
  turnStart: optional(turn),
  turnEnd: optional(turn),
  agentIds: rarely(fc.subarray([...AGENTS, 'nobody'])),
})

/** Any filter. */
export const anyFilter: fc.Arbitrary<EventFilter> = fc
  .tuple(
    anyBounds,
    fc.record({
      eventTypes: rarely(fc.subarray([...RECORDED_EVENT_TYPES])),
      kinds: rarely(fc.subarray([...WORDS, 'unknown'])),
      involving: rarely(fc.subarray([...AGENTS, 'nobody', 'nobody else'])),
    }),
  )
  .map(([bounds, rest]) => ({ ...bounds, ...rest }))

/** Writes and indexes one pass after another, and checks after each. */
export async function indexPasses(
  indexed: IndexedRoot,
  passes: readonly (readonly RunLine[])[],
  check: () => Promise<void>,
): Promise<void> {
  for (const run of RUNS) indexed.write(run, 'events.jsonl', '')
  for (const pass of passes) {
    for (const { run, line } of pass) indexed.write(run, 'events.jsonl', `${line}\n`)
    await indexed.index()
    await check()
  }
}
