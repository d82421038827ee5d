import type Database from 'better-sqlite3'
import { CellDictionary } from './cell-dictionary.js'
import type { EventBatch } from './event-batch.js'
import { InsertedEvents, NOT_INSERTED } from './inserted-events.js'
import { RowInserter } from './row-inserter.js'

/** All but the id, for which SQLite takes the next one. */
const COLUMNS = [
  'simulation',
  'segment',
  'offset',
  'length',
  'timestamp',
  'turn',
  'cell',
  'shape',
  'event_id',
  'caused_by',
  'description',
  'details',
  'raw',
]

/** More of them gain nothing. */
const ROWS_AT_ONCE = 25

type PutValues = (index: number, values: unknown[], at: number) => void

/** Where the events of a batch belong. */
export interface EventPlace {
  readonly simulation: number
  readonly segment: number
}

/** Puts events into rows. */
export class EventInserter {
  readonly #cells: CellDictionary
  readonly #rows: RowInserter
  readonly #lastRow: Database.Statement<[], number | null>
  readonly #deleteRows: Database.Statement<[number, number]>
  /** Of as many rows as are inserted at once; used again and again. */
  readonly #values = new Array<unknown>(ROWS_AT_ONCE * COLUMNS.length)

  constructor(connection: Database.Database) {
    this.#cells = new CellDictionary(connection)
    this.#rows = new RowInserter(connection, { table: 'event', columns: COLUMNS }, ROWS_AT_ONCE)
    this.#lastRow = connection.prepare<[], number | null>('SELECT max(id) FROM event').pluck()
    this.#deleteRows = connection.prepare('DELETE FROM event WHERE id BETWEEN ? AND ?')
  }

  /**
   * Gives each event of a batch a row, unless the run has one of its id
   * already. The rows follow the last row of the table without a gap.
   */
  insert(place: EventPlace, batch: EventBatch): InsertedEvents {
    const cells = batch.cells.map((words) => this.#cells.idOf(words))
    /** Puts the values of an event into a list. */
    const put: PutValues = (index, values, at) => {
      values[at] = place.simulation
      values[at + 1] = place.segment
      values[at + 2] = batch.offset(index)
      values[at + 3] = batch.length(index)
      values[at + 4] = batch.timestamp(index)
      values[at + 5] = batch.turn(index)
      values[at + 6] = cells[batch.cell(index)]
      values[at + 7] = batch.shape(index)
      values[at + 8] = batch.eventId(index)
      values[at + 9] = batch.causedBy(index)
      values[at + 10] = batch.description(index)
      values[at + 11] = batch.details(index)
      values[at + 12] = batch.raw(index)
    }
    const rows = new Float64Array(batch.size)
    let next = (this.#lastRow.get() ?? 0) + 1
    for (let first = 0; first < batch.size; first += ROWS_AT_ONCE) {
      const end = Math.min(first + ROWS_AT_ONCE, batch.size)
      const inserted = this.#insertAtOnce(first, end, next, put)
      for (let index = first; index < end; index++) {
        const isIn = inserted === 'all' || (inserted === 'some' && this.#insertOne(index, put))
        rows[index] = isIn ? next++ : NOT_INSERTED
      }
    }
    return new InsertedEvents(batch, rows, cells)
  }

  /** @returns `some` when that must be found out one by one: then none is inserted yet */
  #insertAtOnce(first: number, end: number, row: number, put: PutValues): 'all' | 'none' | 'some' {
    if (end - first < ROWS_AT_ONCE) return 'some'
    for (let index = first; index < end; index++) {
      put(index, this.#values, (index - first) * COLUMNS.length)
    }
    const count = this.#rows.insertMany(this.#values)
    if (count === ROWS_AT_ONCE) return 'all'
    if (count === 0) return 'none'
    this.#deleteRows.run(row, row + ROWS_AT_ONCE - 1)
    return 'some'
  }

  #insertOne(index: number, put: PutValues): boolean {
    const values: unknown[] = []
    put(index, values, 0)
    return this.#rows.insertOne(values) === 1
  }

  /** To be called after a transaction was rolled back. */
  forget(): void {
    this.#cells.forget()
  }
}
