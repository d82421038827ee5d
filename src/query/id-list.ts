import { type RawBuilder, sql } from 'kysely'

/**
 * Row ids for `in`, however many: one parameter, so that the statement is the
 * same text each time and need not be prepared anew.
 */
export function idList(ids: Iterable<number>): RawBuilder<number> {
  return sql`(SELECT value FROM json_each(${JSON.stringify([...ids])}))`
}
