import { sql } from 'kysely'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { PageOrder } from './page-cursor.js'
import { type RowSpan, spanTable } from './row-spans.js'
import { withSearchTables } from './search-tables.js'

/**
 * Asks the full-text index for the rows in some spans. FTS5 does not look at a bound before it
 * has found something: it may go on behind the last span until it does.
 *
 * @param expression in the syntax of FTS5
 */
export async function findIndexedRows(
  snapshot: Snapshot,
  expression: string,
  spans: readonly RowSpan[],
): Promise<number[]> {
  if (spans.length === 0) return []
  const found = await withSearchTables(snapshot)
    .selectFrom(spanTable(spans))
    .crossJoin('event_search')
    // As one text: to take apart a row for each would take longer than to find it.
    .select(sql<string>`json_group_array(event_search.rowid)`.as('rows'))
    .where(sql<boolean>`event_search MATCH ${expression}`)
    .whereRef('event_search.rowid', '>=', 'span.first')
    .whereRef('event_search.rowid', '<=', 'span.last')
    .executeTakeFirstOrThrow()
  return JSON.parse(found.rows) as number[]
}

/** The first rows of a span in an order, `most` of them. */
export async function findNextRows(
  snapshot: Snapshot,
  expression: string,
  { first, last }: RowSpan,
  order: PageOrder,
  most: number,
): Promise<number[]> {
  const rows = await withSearchTables(snapshot)
    .selectFrom('event_search')
    .select('rowid')
    .where(sql<boolean>`event_search MATCH ${expression}`)
    // A parameter is no integer to FTS5, and no bound.
    .where('rowid', '>=', (eb) => eb.cast<number>(eb.val(first), 'integer'))
    .where('rowid', '<=', (eb) => eb.cast<number>(eb.val(last), 'integer'))
    .orderBy('rowid', order)
    .limit(most)
    .execute()
  return rows.map(({ rowid }) => rowid)
}

/** How many rows are found at once. */
const ROWS_AT_ONCE = 1_000

/** The rows of a span; undefined when there are more than `most`. @param rest is called between */
export async function findRowsUpTo(
  snapshot: Snapshot,
  expression: string,
  span: RowSpan,
  most: number,
  rest: () => Promise<void>,
): Promise<number[] | undefined> {
  const found: number[] = []
  for (let first = span.first; first <= span.last;) {
    const left = { first, last: span.last }
    const rows = await findNextRows(snapshot, expression, left, 'asc', ROWS_AT_ONCE)
    found.push(...rows)
    if (found.length > most) return undefined
    if (rows.length < ROWS_AT_ONCE) break
    first = (rows.at(-1) ?? span.last) + 1
    await rest()
  }
  return found
}
