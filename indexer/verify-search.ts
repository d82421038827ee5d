import Database from 'better-sqlite3'

interface Progress {
  readonly lastRow: number
  readonly events: number
}

/**
 * What the full-text index says that the events do not. That it lacks the last
 * of them is no fault: it is brought up when there is time.
 *
 * @param connection opened read-only, within a read transaction
 */
export function* findSearchProblems(connection: Database.Database): Generator<string> {
  const count = (sql: string): number => connection.prepare<[], number>(sql).pluck().get() ?? 0
  const progress = connection
    .prepare<[], Progress>('SELECT last_row AS lastRow, events FROM search_progress')
    .all()
  const [kept] = progress
  if (kept === undefined || progress.length > 1) {
    yield `how far the full-text index is, is kept ${progress.length} times`
    return
  }
  const lastRow = count('SELECT ifnull(max(id), 0) FROM event')
  if (kept.lastRow > lastRow) {
    yield `the full-text index is said to reach up to row ${kept.lastRow}, but the last is ${lastRow}`
  }
  const events = count(
    'SELECT count(*) FROM event WHERE id <= (SELECT last_row FROM search_progress)',
  )
  if (events !== kept.events) {
    yield `${kept.events} events are counted as searchable, but there are ${events}`
  }
  // As it is made.
  if (kept.lastRow === 0 && count('SELECT count(*) FROM event_search_idx') === 0) return
  if (!saysWhatEventsSay(connection))
    yield 'the full-text index says something else than the events'
}

/** What is read of events in place of all their texts: those that are indexed. */
const INDEXED_TEXTS = `CREATE TEMP VIEW event_text AS
  SELECT * FROM main.event_text WHERE id <= (SELECT last_row FROM main.search_progress)`

/**
 * Holds the index against the texts by FTS5's own check, which wants to write
 * where it looks: so it looks at a copy, in a temporary file.
 */
function saysWhatEventsSay(connection: Database.Database): boolean {
  const definition = connection
    .prepare<[], string>("SELECT sql FROM sqlite_schema WHERE name = 'event_search'")
    .pluck()
    .get()
  if (definition === undefined) return false
  // The sidecar itself cannot be written: it was opened read-only.
  connection.pragma('query_only = 0')
  connection.unsafeMode()
  connection.exec(INDEXED_TEXTS)
  connection.exec(definition.replace('CREATE VIRTUAL TABLE ', 'CREATE VIRTUAL TABLE temp.'))
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

/** Whether SQLite says that what it read is damaged. */
export function isCorruption(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CORRUPT')
}
