import Database from 'better-sqlite3'
import type { Difference } from './difference.js'
import { findLostWords } from './verify-search-pages.js'

interface Progress {
  readonly lastRow: number
  readonly events: number
}

/** How many there are beside the two that an index has as it is made. */
const PAGES = `SELECT (SELECT count(*) FROM event_search_data) - 2
  + (SELECT count(*) FROM event_search_idx)`

/**
 * What the full-text index says that the events do not. That it lacks the last
 * of them is no fault: it is brought up when there is time.
 *
 * @param connection opened read-only, within a read transaction
 */
export function* findSearchProblems(connection: Database.Database): Generator<Difference> {
  const count = (sql: string): number => connection.prepare<[], number>(sql).pluck().get() ?? 0
  const progress = connection
    .prepare<[], Progress>('SELECT last_row AS lastRow, events FROM search_progress')
    .all()
  const [kept] = progress
  if (kept === undefined || progress.length > 1) {
    yield { problem: `how far the full-text index is, is kept ${progress.length} times` }
    return
  }
  const lastRow = count('SELECT ifnull(max(id), 0) FROM event')
  if (kept.lastRow > lastRow) {
    const problem = `the full-text index is said to reach up to row ${kept.lastRow}, but the last is ${lastRow}`
    yield { problem }
  }
  const events = count(
    'SELECT count(*) FROM event WHERE id <= (SELECT last_row FROM search_progress)',
  )
  if (events !== kept.events) {
    yield { problem: `${kept.events} events are counted as searchable, but there are ${events}` }
  }
  if (kept.lastRow === 0 && count(PAGES) === 0) return
  if (saysWhatEventsSay(connection)) {
    yield* findLostWords(connection)
    return
  }
  yield { problem: 'the full-text index says something else than the events' }
  yield* differingWords(connection)
}

/** Enough to tell which events it is. */
const MAX_WORDS = 100

/**
 * A word that an event says and the index does not have of it, or the other way
 * round: found by indexing all events once more, since FTS5 says only that there is one.
 */
const DIFFERING = `
  WITH kept AS (SELECT doc, term, col, offset FROM main.event_word),
    said AS (SELECT doc, term, col, offset FROM temp.said_word)
  SELECT doc AS row, min(term) AS word, isKept, event_id AS eventId, simulation.name AS simulation
  FROM (SELECT *, 1 AS isKept FROM (SELECT * FROM kept EXCEPT SELECT * FROM said)
    UNION ALL SELECT *, 0 FROM (SELECT * FROM said EXCEPT SELECT * FROM kept)) AS word
  LEFT JOIN main.event ON event.id = word.doc LEFT JOIN simulation ON simulation.id = event.simulation
  GROUP BY doc, isKept ORDER BY doc LIMIT ${MAX_WORDS}`

interface DifferingWord {
  readonly row: number
  readonly word: string
  readonly isKept: number
  readonly eventId: string | null
  readonly simulation: string | null
}

/** @param connection after {@link saysWhatEventsSay}, whose temporary view this reads */
function* differingWords(connection: Database.Database): Generator<Difference> {
  for (const { row, word, isKept, eventId, simulation } of readDiffering(connection)) {
    const what = eventId === null ? `row ${row}, which is no event,` : `event ${eventId}`
    const problem =
      isKept === 1
        ? `the full-text index has the word ${word} of ${what} that does not say it`
        : `the full-text index lacks the word ${word} of ${what}`
    const event = eventId === null ? {} : { event_id: eventId, table: 'event', row }
    yield { ...(simulation === null ? {} : { simulation_id: simulation }), ...event, problem }
  }
}

function readDiffering(connection: Database.Database): DifferingWord[] {
  const definition = definitionOf(connection, 'said')
  if (definition === undefined) return []
  try {
    connection.exec(definition)
    connection.exec(
      `INSERT INTO temp.said (rowid, description, details)
        SELECT id, description, details FROM temp.event_text;
      CREATE VIRTUAL TABLE temp.said_word USING fts5vocab(temp, said, instance)`,
    )
    return connection.prepare<[], DifferingWord>(DIFFERING).all()
  } catch (error) {
    // So damaged that it cannot even be read.
    if (isCorruption(error)) return []
    throw error
  }
}

/** What is read of events in place of all their texts: those that are indexed. */
const INDEXED_TEXTS = `CREATE TEMP VIEW event_text AS
  SELECT * FROM main.event_text WHERE id <= (SELECT last_row FROM main.search_progress)`

/**
 * Holds the index against the texts by FTS5's own check, which wants to write
 * where it looks: so it looks at a copy, in a temporary file.
 */
function saysWhatEventsSay(connection: Database.Database): boolean {
  const definition = definitionOf(connection)
  if (definition === undefined) return false
  // The sidecar itself cannot be written: it was opened read-only.
  connection.pragma('query_only = 0')
  connection.unsafeMode()
  connection.exec(INDEXED_TEXTS)
  connection.exec(definition)
  for (const part of ['data', 'idx']) {
    connection.exec(`DELETE FROM temp.event_search_${part}`)
    connection.exec(`INSERT INTO temp.event_search_${part} SELECT * FROM main.event_search_${part}`)
  }
  try {
    connection.exec(
      "INSERT INTO temp.event_search (event_search, rank) VALUES ('integrity-check', 1)",
    )
    return true
  } catch (error) {
    if (isCorruption(error)) return false
    throw error
  }
}

/** What makes another full-text index like the sidecar's, over its events, as temporary table `name`. */
function definitionOf(connection: Database.Database, name = 'event_search'): string | undefined {
  return connection
    .prepare<[], string>("SELECT sql FROM sqlite_schema WHERE name = 'event_search'")
    .pluck()
    .get()
    ?.replace(/^CREATE VIRTUAL TABLE "?event_search"?/, `CREATE VIRTUAL TABLE temp.${name}`)
}

/** Whether SQLite says that what it read is damaged. */
export function isCorruption(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CORRUPT')
}
