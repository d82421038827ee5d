import { type Kysely, type RawBuilder, sql } from 'kysely'
import { wholeDetails } from './0001-initial.js'

/**
 * What is searched of events, and the full-text index over it: of the events up
 * to `search_progress.last_row`, which the indexer moves on when it has time.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE VIEW event_text AS
    SELECT id, description, ${words(sql.ref('details'))} AS details
    FROM (
      SELECT event.id AS id, event.description AS description, ${wholeDetails()} AS details
      FROM event JOIN cell ON cell.id = event.cell LEFT JOIN kind ON kind.id = cell.kind
    )`.execute(db)
  await sql`CREATE VIRTUAL TABLE event_search USING fts5(
    description, details,
    content = 'event_text', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
  )`.execute(db)
  await sql`CREATE TABLE search_progress (last_row INTEGER NOT NULL)`.execute(db)
  await sql`INSERT INTO search_progress (last_row) VALUES (0)`.execute(db)
}

/**
 * The words of a JSON text. As it stands they can be read where nothing in it is
 * escaped; else a line break, say, would be read as the letter n.
 */
function words(json: RawBuilder<unknown>): RawBuilder<string> {
  return sql`CASE WHEN instr(${json}, '\\') = 0 OR NOT json_valid(${json}) THEN ${json}
    ELSE (SELECT group_concat(concat_ws(' ', key, atom), ' ') FROM json_tree(${json})) END`
}
