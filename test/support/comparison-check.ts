import { expect } from 'vitest'
import { type Comparison, compareRuns } from '#src/query/compare-runs.js'
import { WorkLimit, type WorkLimitOptions } from '#src/query/work-limit.js'
import type { NaiveEvent } from './naive.js'
import { COMPARED, compareNaively } from './naive-comparison.js'
import type { Read } from './trace-check.js'

/** How runs are compared, unless by default. */
export interface CompareOptions {
  readonly a?: string
  readonly b?: string
  readonly turnStart?: number | undefined
  readonly turnEnd?: number | undefined
  readonly maxShown?: number
  readonly limit?: WorkLimitOptions
}

/** Compares on a snapshot of its own. */
export function compare({ reader }: Read, options: CompareOptions = {}): Promise<Comparison> {
  const { limit = { limitMs: 60_000 }, ...asked } = options
  const request = { a: 'a', b: 'b', maxShown: 100, ...asked }
  return reader.read((snapshot) => compareRuns(snapshot, request, new WorkLimit(limit)))
}

/** Compares, and makes sure that the answer is that of a plain reading of every line of both runs. */
export async function expectComparisonOfLines(
  indexed: Read,
  [a, b]: readonly [a: readonly NaiveEvent[], b: readonly NaiveEvent[]],
  options: CompareOptions = {},
): Promise<Comparison> {
  const { turnStart = 0, turnEnd = Infinity, maxShown = 100 } = options
  const found = await compare(indexed, options)
  const within = (events: readonly NaiveEvent[]): NaiveEvent[] =>
    events.filter(({ turn }) => turn >= turnStart && turn <= turnEnd)
  const differences = compareNaively(within(a), within(b))
  const [first] = differences
  const side = (of: 'a' | 'b') =>
    first?.aspects.map(({ aspect, [of]: alone }) => ({
      aspect,
      count: alone.length,
      events: alone.slice(0, maxShown).map(({ line }) => line),
    }))
  expect(found.firstDifference).toEqual(
    first && { turn: first.turn, surplus: { a: side('a'), b: side('b') } },
  )

  const firstTurns = COMPARED.flatMap((aspect) => {
    const difference = differences.find(({ aspects }) =>
      aspects.some((differing) => differing.aspect === aspect),
    )
    return difference === undefined ? [] : [[aspect, difference.turn] as const]
  })
  expect(Object.fromEntries(found.firstTurns)).toEqual(Object.fromEntries(firstTurns))

  const turns = within([...a, ...b]).map(({ turn }) => turn)
  const isDone = firstTurns.length === COMPARED.length
  const last = Math.max(...(isDone ? firstTurns.map(([, turn]) => turn) : turns))
  expect(found.comparedTurns).toEqual(
    turns.length === 0 ? undefined : { first: Math.min(...turns), last },
  )
  return found
}
