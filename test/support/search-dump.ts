import type Database from 'better-sqlite3'

/** A word of an event. */
export interface IndexedWord {
  readonly term: string
  readonly doc: number
  readonly col: string
  readonly offset: number
}

/** Every word that a full-text index has, in an order that does not depend on how it was built. */
export function dumpSearchIndex(connection: Database.Database): IndexedWord[] {
  connection.exec(
    'CREATE VIRTUAL TABLE temp.search_word USING fts5vocab(main, event_search, instance)',
  )
  const words = connection
    .prepare<[], IndexedWord>('SELECT * FROM temp.search_word ORDER BY term, doc, col, offset')
    .all()
  connection.exec('DROP TABLE temp.search_word')
  return words
}

/** The ids of the events that a full-text query finds, in order. */
export function searchFor(connection: Database.Database, query: string): string[] {
  return connection
    .prepare<[string], string>(
      `SELECT event.event_id FROM event_search JOIN event ON event.id = event_search.rowid
      WHERE event_search MATCH ? ORDER BY event.event_id`,
    )
    .pluck()
    .all(query)
}
