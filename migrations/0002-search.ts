import { type Kysely, type RawBuilder, sql } from 'kysely'
import { wholeDetails } from './0001-initial.js'

/** What makes words of a text: letters and digits; neither case nor diacritics tell two apart. */
export const SEARCH_TOKENIZER = 'unicode61 remove_diacritics 2'

/**
 * What is searched of events, and the full-text index over it: of the events up
 * to `search_progress.last_row`, which the indexer moves on when it has time.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE VIEW event_text AS
    SELECT event.id AS id, event.description AS description,
      CASE WHEN instr(event.details, '\\') THEN ${unescaped(wholeDetails())}
        ELSE ${wholeDetails()} END AS details
    FROM event JOIN cell ON cell.id = event.cell LEFT JOIN kind ON kind.id = cell.kind`.execute(db)
  await sql`CREATE VIRTUAL TABLE event_search USING fts5(
    description, details,
    content = 'event_text', content_rowid = 'id', columnsize = 0,
    tokenize = ${sql.lit(SEARCH_TOKENIZER)}
  )`.execute(db)
  await sql`CREATE VIRTUAL TABLE event_word USING fts5vocab(event_search, instance)`.execute(db)
  // The indexer merges what FTS5 writes, a little with each step: by itself FTS5 would now and
  // then merge a lot.
  for (const [option, value] of [
    ['automerge', 0],
    ['crisismerge', 1999],
    ['usermerge', 16],
  ] as const) {
    await sql`INSERT INTO event_search (event_search, rank)
      VALUES (${sql.lit(option)}, ${sql.lit(value)})`.execute(db)
  }
  await sql`CREATE TABLE search_progress (last_row INTEGER NOT NULL, events INTEGER NOT NULL)`.execute(
    db,
  )
  await sql`INSERT INTO search_progress (last_row, events) VALUES (0, 0)`.execute(db)
}

/**
 * A JSON text whose words are those it says: else a line break, say, would be
 * read as the letter n. Quotes and backslashes separate words, written or
 * escaped; without them the whole text is read as one JSON string, which takes
 * one pass and knows no depth.
 */
function unescaped(json: RawBuilder<string>): RawBuilder<string> {
  const separators = [
    sql.lit(String.raw`\\`),
    sql.lit(String.raw`\"`),
    sql.lit('"'),
    sql.lit(String.raw`\u0000`),
    sql`char(9)`,
    sql`char(13)`,
  ]
  const content = separators.reduce(
    (text, separator) => sql<string>`replace(${text}, ${separator}, ' ')`,
    json,
  )
  return sql`(SELECT CASE WHEN json_valid(string) THEN json_extract(string, '$') ELSE string END
    FROM (SELECT '"' || ${content} || '"' AS string))`
}
