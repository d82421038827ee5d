import type Database from 'better-sqlite3'

/**
 * How much one step takes where others wait for the writing thread: some 10 ms,
 * and hardly ever 30. Bytes of lines, as all steps are measured.
 */
export const SHORT_STEP_BYTES = 256 * 1024

/** How much one step takes where nobody waits but another indexer. */
export const LONG_STEP_BYTES = 8 * 1024 * 1024

/**
 * For how many bytes of lines a step merges a page of the index. They make half
 * a page, and every page is merged two or three times.
 */
const BYTES_PER_MERGED_PAGE = 8 * 1024

interface FollowingRow {
  readonly id: number
  readonly length: number
}

const NEXT = 'SELECT id, length FROM event WHERE id > ? ORDER BY id'

const INSERT = `INSERT INTO event_search (rowid, description, details)
  SELECT id, description, details FROM event_text WHERE id > ? AND id <= ? ORDER BY id`

/**
 * In the order of ids: one that goes back ends what FTS5 gathers in memory. The
 * limit keeps the order where it is, so that ids are sorted and not texts.
 */
const TAKE_OUT = `INSERT INTO event_search (event_search, rowid, description, details)
  SELECT 'delete', event_text.id, event_text.description, event_text.details
  FROM (SELECT id FROM event WHERE simulation = ? AND id <= (SELECT last_row FROM search_progress)
    ORDER BY id LIMIT -1) AS gone
  CROSS JOIN event_text ON event_text.id = gone.id`

/**
 * Keeps the full-text index: `event_search` has the events up to
 * `search_progress.last_row`. It is brought up after the events are in their
 * tables, step by step; rows get ids in ascending order, so what is missing is
 * always what comes last.
 */
export class SearchIndex {
  readonly #connection: Database.Database
  readonly #statements = new Map<string, Database.Statement>()

  constructor(connection: Database.Database) {
    this.#connection = connection
  }

  /** Only what is used, when it is used: to prepare one is to open the index, which may be damaged. */
  #prepared(sql: string): Database.Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#connection.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /** How many events are not in it. */
  lag(): number {
    const lag = this.#prepared(
      `SELECT (SELECT ifnull(sum(event_count), 0) FROM simulation) - events FROM search_progress`,
    ).pluck()
    return Number(lag.get())
  }

  /**
   * Makes the next events searchable, all in one transaction.
   *
   * @param maxBytes how long their lines may be together, though it is one event at least
   * @returns how many they were: 0 when there is nothing left to do
   */
  step(maxBytes: number): number {
    return this.#connection.transaction(() => {
      const from = this.#lastRow()
      const { until, events } = this.#nextEvents(from, maxBytes)
      if (events === 0) return 0
      this.#prepared(INSERT).run(from, until)
      this.#prepared("INSERT INTO event_search (event_search, rank) VALUES ('merge', ?)").run(
        Math.ceil(maxBytes / BYTES_PER_MERGED_PAGE),
      )
      this.#prepared('UPDATE search_progress SET last_row = ?, events = events + ?').run(
        until,
        events,
      )
      return events
    })()
  }

  #lastRow(): number {
    return Number(this.#prepared('SELECT last_row FROM search_progress').pluck().get())
  }

  #nextEvents(from: number, maxBytes: number): { readonly until: number; readonly events: number } {
    let until = from
    let events = 0
    let bytes = 0
    const rows = this.#prepared(NEXT).iterate(from) as IterableIterator<FollowingRow>
    for (const { id, length } of rows) {
      bytes += length
      if (events > 0 && bytes > maxBytes) break
      until = id
      events++
    }
    return { until, events }
  }

  /** Whether no event is in it. */
  isEmpty(): boolean {
    return this.#lastRow() === 0
  }

  /** Takes all events out, whatever it was given of them. */
  clear(): void {
    this.#prepared("INSERT INTO event_search (event_search) VALUES ('delete-all')").run()
    this.#prepared('UPDATE search_progress SET last_row = 0, events = 0').run()
  }

  /** Takes the events of a run out, as long as they are in their tables. */
  takeOut(simulation: number): void {
    if (this.isEmpty()) return
    this.#prepared(TAKE_OUT).run(simulation)
    this.#prepared(
      `UPDATE search_progress SET events = events -
        (SELECT count(*) FROM event WHERE simulation = ? AND id <= last_row)`,
    ).run(simulation)
  }

  /** To be called after rows were deleted: SQLite gives the ids behind the last one again. */
  moveBack(): void {
    this.#prepared(
      `UPDATE search_progress SET last_row = min(last_row, (SELECT ifnull(max(id), 0) FROM event))`,
    ).run()
  }
}
