import { type Candidates, lookThrough } from './look-through.js'
import { type Matches, rowsInOrder } from './matches.js'
import type { PageOrder } from './page-cursor.js'
import type { WorkLimit } from './work-limit.js'

/** Which matches are on a page. */
export interface PagePlace {
  readonly order: PageOrder
  /** How many candidates stand, in this order, before the page and before what it leaves out. */
  readonly from: number
  /** Matches to leave out behind that. */
  readonly skip: number
  /** Matches on the page. */
  readonly limit: number
}

/** The rows of a page. */
export interface PageRows {
  readonly rows: readonly number[]
  /** How many match in all; null where that was not asked. */
  readonly total: number | null
  /** Whether there are more; where they are not counted, whether there may be. */
  readonly hasMore: boolean
  /** The row behind which the next page begins, if there are more. */
  readonly last: number | undefined
}

/** A page of events of which it is known that they match. */
export async function pickRows(
  matches: Matches,
  { order, from, skip, limit }: PagePlace,
): Promise<PageRows> {
  const { total } = matches
  const first = Math.min(from + skip, total)
  const end = Math.min(first + limit, total)
  const rows = await rowsInOrder(matches, order, first, end)
  return { rows, total, hasMore: end < total, last: rows.at(-1) }
}

/** How events are looked through for a page. */
export interface LookOptions {
  /** Whether all are, for the total; else no more than it takes to fill the page, or as time allows. */
  readonly all: boolean
  readonly work: WorkLimit
}

/**
 * A page of those among some candidates that pass their tests.
 *
 * @throws TurnlogError QUERY_TOO_BROAD when the time is up before all are looked at that have to be
 */
export async function lookForRows(
  candidates: Candidates,
  place: PagePlace,
  { all, work }: LookOptions,
): Promise<PageRows> {
  return all ? lookAtAll(candidates, place, work) : fillPage(candidates, place, work)
}

async function lookAtAll(
  candidates: Candidates,
  { order, from, skip, limit }: PagePlace,
  work: WorkLimit,
): Promise<PageRows> {
  let before = 0
  for await (const { rows } of lookThrough(candidates, order, 0, from)) {
    before += rows.length
    await work.pause()
  }
  const page: number[] = []
  let behind = 0
  for await (const { rows } of lookThrough(candidates, order, from, candidates.matches.total)) {
    page.push(...rows.slice(Math.max(0, skip - behind), Math.max(0, skip + limit - behind)))
    behind += rows.length
    await work.pause()
  }
  const hasMore = behind > skip + limit
  return { rows: page, total: before + behind, hasMore, last: page.at(-1) }
}

async function fillPage(
  candidates: Candidates,
  { order, from, skip, limit }: PagePlace,
  work: WorkLimit,
): Promise<PageRows> {
  const { total } = candidates.matches
  const page: number[] = []
  let at = from
  let behind = 0
  for await (const { rows, count, last } of lookThrough(candidates, order, from, total)) {
    page.push(...rows.slice(Math.max(0, skip - behind), Math.max(0, skip + limit - behind)))
    behind += rows.length
    at += count
    if (behind > skip + limit) return { rows: page, total: null, hasMore: true, last: page.at(-1) }
    const isFull = behind === skip + limit
    // No cursor tells how many are still to be left out.
    if (isFull || (work.isOver && behind >= skip)) {
      return { rows: page, total: null, hasMore: at < total, last }
    }
    await work.pause()
  }
  return { rows: page, total: null, hasMore: false, last: undefined }
}
