import { type Candidates, lookThrough, type Rest } from './look-through.js'
import { type Matches, rowsInOrder } from './matches.js'
import type { PageOrder } from './page-cursor.js'

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
  readonly hasMore: boolean
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
  return { rows, total, hasMore: end < total }
}

/** How events are looked through for a page. */
export interface LookOptions {
  /** Whether all are, for the total; else no more than it takes to fill the page. */
  readonly all: boolean
  readonly rest: Rest
}

/** A page of those among some candidates that pass their tests. */
export async function lookForRows(
  candidates: Candidates,
  { order, from, skip, limit }: PagePlace,
  { all, rest }: LookOptions,
): Promise<PageRows> {
  let before = 0
  if (all) {
    for await (const { rows } of lookThrough(candidates, order, 0, from)) {
      before += rows.length
      await rest()
    }
  }
  const page: number[] = []
  let behind = 0
  for await (const { rows } of lookThrough(candidates, order, from, candidates.matches.total)) {
    page.push(...rows.slice(Math.max(0, skip - behind), Math.max(0, skip + limit - behind)))
    behind += rows.length
    if (!all && behind > skip + limit) break
    await rest()
  }
  return { rows: page, total: all ? before + behind : null, hasMore: behind > skip + limit }
}
