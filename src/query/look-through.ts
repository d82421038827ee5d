import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { takeUpTo } from './event-lengths.js'
import type { Matches } from './matches.js'
import { rowsInOrder } from './matches.js'
import { Pace } from './pace.js'
import type { PageOrder } from './page-cursor.js'

/** What an event must have, beside what its place in the order of the run tells. */
export interface RowTest {
  /** Of some row ids, in their order, those of the events that have it. */
  narrow(rows: readonly number[]): Promise<readonly number[]>
}

/** Events among which are all that a filter matches. */
export interface Candidates {
  /** Where they are. */
  readonly snapshot: Snapshot
  readonly matches: Matches
  /** What is still to be asked of each of them. */
  readonly tests: readonly RowTest[]
}

/** Lets others have their turn, or gives up. */
export type Rest = () => Promise<void>

/** Some candidates that were looked at. */
export interface LookedAt {
  /** The row ids of those that pass every test, in order. */
  readonly rows: readonly number[]
  /** How many were looked at. */
  readonly count: number
  /** The row id of the last one, whether or not it passes. */
  readonly last: number
}

/** How many candidates are looked at at once. */
const LEAST_PART = 256
const MOST_PART = 4_096
/** However few they are, no more than one behind so many bytes of lines. */
const PART_BYTES = 2 * 1024 * 1024
/** How many row ids are read at once: a leaf is read for each time. */
const ROWS_AT_ONCE = 8_192

/**
 * Looks at candidates from a number up to another one in the order of a page.
 * Each part takes a few milliseconds; who reads them rests between.
 */
export async function* lookThrough(
  { snapshot, matches, tests }: Candidates,
  order: PageOrder,
  from: number,
  until: number,
): AsyncGenerator<LookedAt> {
  const pace = new Pace(LEAST_PART, MOST_PART)
  for (let at = from; at < until; at += ROWS_AT_ONCE) {
    const end = Math.min(at + ROWS_AT_ONCE, until)
    const rows = await rowsInOrder(matches, order, at, end)
    for (let start = 0; start < rows.length;) {
      const next = rows.slice(start, start + pace.size)
      const part = tests.length === 0 ? next : (await takeUpTo(snapshot, next, PART_BYTES)).rows
      start += part.length
      const passing = await pace.time(() => narrow(part, tests))
      yield { rows: passing, count: part.length, last: part.at(-1) ?? 0 }
    }
  }
}

async function narrow(
  rows: readonly number[],
  tests: readonly RowTest[],
): Promise<readonly number[]> {
  let left = rows
  for (const test of tests) if (left.length > 0) left = await test.narrow(left)
  return left
}
