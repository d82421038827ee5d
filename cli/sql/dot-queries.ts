/** A word with a dot that stands for a query, at the prompt and on the command line. */
export interface DotQuery {
  readonly help: string
  readonly query: string
}

/** The views, which are made for people, and the index they are searched with. */
const FOR_PEOPLE = "(entry.type = 'view' OR entry.name = 'event_search')"

/** By the word. */
export const DOT_QUERIES: Readonly<Record<string, DotQuery>> = {
  '.tables': {
    help: 'the views that are made for people',
    query: `SELECT entry.name FROM sqlite_schema AS entry WHERE ${FOR_PEOPLE} ORDER BY entry.name`,
  },
  '.schema': {
    help: 'the columns of each of them',
    query: `SELECT entry.name AS view, column.name AS column
      FROM sqlite_schema AS entry JOIN pragma_table_info(entry.name) AS column
      WHERE ${FOR_PEOPLE} ORDER BY entry.name, column.cid`,
  },
}

/** The query that a text asks for: itself, unless it is one of the words. */
export function queryOf(text: string): string {
  return DOT_QUERIES[text.trim().replace(/;$/, '')]?.query ?? text
}
