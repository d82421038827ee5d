import type { EventPosition } from '../src/event/event-order.js'
import type { EventCell } from '../src/sidecar/event-cell.js'
import type { EventBatch } from './event-batch.js'
import type { OrderedEvent } from './leaf-events.js'

/** Stands for the row of an event that got none, as the run has an event of this id already. */
export const NOT_INSERTED = 0

/** What became of the events of a batch: the rows they got. */
export class InsertedEvents {
  readonly batch: EventBatch
  /** The row id of each event of the batch, or {@link NOT_INSERTED}; it grows with the index. */
  readonly rows: Float64Array
  /** The number that stands for each of the cells of the batch in the tables. */
  readonly cellNumbers: readonly EventCell[]
  /** The events that got a row, in the order of their rows. */
  readonly indexes: readonly number[]
  /** The events that got none. */
  readonly skipped: readonly number[]

  constructor(batch: EventBatch, rows: Float64Array, cellNumbers: readonly EventCell[]) {
    this.batch = batch
    this.rows = rows
    this.cellNumbers = cellNumbers
    const indexes: number[] = []
    const skipped: number[] = []
    for (let index = 0; index < batch.size; index++) {
      if (rows[index] === NOT_INSERTED) skipped.push(index)
      else indexes.push(index)
    }
    this.indexes = indexes
    this.skipped = skipped
  }

  get count(): number {
    return this.indexes.length
  }

  /** Where an event of the batch stands in the order of events. */
  position(index: number): EventPosition {
    return { timestamp: this.batch.timestamp(index), eventId: this.batch.eventId(index) }
  }

  /** What the order of the run keeps of the events that got a row, in order. */
  inOrder(): OrderedEvent[] {
    const { batch, cellNumbers } = this
    return this.indexes.map((index) => ({
      row: this.row(index),
      timestamp: batch.timestamp(index),
      eventId: batch.eventId(index),
      turn: batch.turn(index),
      cell: cellNumbers[batch.cell(index)] ?? NaN,
    }))
  }

  /** The row an event of the batch got. */
  row(index: number): number {
    return this.rows[index] ?? NOT_INSERTED
  }
}
