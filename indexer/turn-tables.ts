import type Database from 'better-sqlite3'
import { RECORDED_EVENT_TYPES } from '../src/event/event-type.js'
import { TURNS_PER_BUCKET } from '../src/sidecar/schema.js'
import { NO_WORD } from './event-batch.js'
import type { InsertedEvents } from './inserted-events.js'

/** The statements that keep what is counted by turn. */
export class TurnTables {
  readonly #addTurn: Database.Statement
  readonly #addRollup: Database.Statement

  constructor(connection: Database.Database) {
    this.#addTurn = connection.prepare(
      `INSERT INTO turn (simulation, turn, first_row, last_row, events) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET first_row = min(first_row, excluded.first_row),
        last_row = max(last_row, excluded.last_row), events = events + excluded.events`,
    )
    this.#addRollup = connection.prepare(
      `INSERT INTO rollup (simulation, bucket, type, agent, events) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET events = events + excluded.events`,
    )
  }

  /** Counts the events of a block in. */
  add(simulation: number, inserted: InsertedEvents): void {
    for (const [turn, { firstRow, lastRow, events }] of spansByTurn(inserted)) {
      this.#addTurn.run(simulation, turn, firstRow, lastRow, events)
    }
    for (const { bucket, type, agent, events } of countByBucket(inserted)) {
      this.#addRollup.run(simulation, bucket, type, agent, events)
    }
  }
}

interface TurnSpan {
  readonly firstRow: number
  lastRow: number
  events: number
}

function spansByTurn(inserted: InsertedEvents): Map<number, TurnSpan> {
  const turns = new Map<number, TurnSpan>()
  for (const index of inserted.indexes) {
    const turn = inserted.batch.turn(index)
    const row = inserted.row(index)
    const span = turns.get(turn)
    if (span === undefined) {
      turns.set(turn, { firstRow: row, lastRow: row, events: 1 })
      continue
    }
    span.lastRow = row
    span.events++
  }
  return turns
}

interface RollupCount {
  readonly bucket: number
  readonly type: number
  readonly agent: number
  events: number
}

/** Stands in the rollup for no agent. */
const NO_AGENT = 0

function* countByBucket({ batch, indexes, agentNumbers }: InsertedEvents): Generator<RollupCount> {
  const buckets = new Map<number, Map<number, RollupCount>>()
  for (const index of indexes) {
    const bucket = Math.floor(batch.turn(index) / TURNS_PER_BUCKET)
    const type = batch.type(index)
    const agent = batch.agent(index)
    let cells = buckets.get(bucket)
    if (cells === undefined) buckets.set(bucket, (cells = new Map<number, RollupCount>()))
    const cell = type + (RECORDED_EVENT_TYPES.length + 1) * (agent - NO_WORD)
    const count = cells.get(cell)
    if (count !== undefined) count.events++
    else cells.set(cell, { bucket, type, agent: agentNumbers[agent] ?? NO_AGENT, events: 1 })
  }
  for (const cells of buckets.values()) yield* cells.values()
}
