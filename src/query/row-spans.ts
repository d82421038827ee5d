import { type AliasedRawBuilder, sql } from 'kysely'

/** Row ids from the first to the last, both included. */
export interface RowSpan {
  readonly first: number
  readonly last: number
}

/**
 * Spans that cover row ids: ids near each other are in one, which is looked for
 * once and may hold others between them.
 *
 * @param gap how far the next id of a span may be
 */
export function coverRows(rows: readonly number[], gap: number): RowSpan[] {
  const [first, ...rest] = [...rows].sort((a, b) => a - b)
  if (first === undefined) return []
  const spans = [{ first, last: first }]
  for (const row of rest) {
    const span = spans.at(-1)
    if (span !== undefined && row - span.last <= gap) span.last = row
    else spans.push({ first: row, last: row })
  }
  return spans
}

/** Spans as a table, however many: the statement is the same text each time. */
export function spanTable(spans: readonly RowSpan[]): AliasedRawBuilder<RowSpan, 'span'> {
  const pairs = JSON.stringify(spans.map(({ first, last }) => [first, last]))
  return sql<RowSpan>`(SELECT value ->> 0 AS first, value ->> 1 AS last FROM json_each(${pairs}))`.as(
    'span',
  )
}
