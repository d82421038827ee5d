import type Database from 'better-sqlite3'
import { compareEvents, type EventPosition } from '../src/event/event-order.js'
import type { TimestampMicros } from '../src/event/timestamp.js'
import type { FoundSegment } from '../src/segment/discovery.js'
import type { BlockResult } from './apply-block.js'
import type { InsertedEvents } from './inserted-events.js'
import { SearchIndex } from './search-index.js'
import { type KnownSegment, UNSETTLED } from './segment-plan.js'

/** A run as the sidecar has it. */
export interface SimulationRow {
  readonly id: number
  readonly name: string
}

/** How far a segment is read. */
export interface Checkpoint {
  readonly checkpoint: number
  readonly prefixCrc: number
  readonly tailCrc: number
}

interface OrderState {
  readonly ordered: number
  readonly last_timestamp: TimestampMicros | null
  readonly last_event_id: string | null
}

/** From where to where a block's events go, in order and among the rows. */
interface BlockSpan {
  readonly first: EventPosition
  readonly last: EventPosition
  readonly firstRow: number
}

/** The statements that keep the rows of runs and segments. */
export class SimulationTables {
  readonly #connection: Database.Database
  readonly #searchIndex: SearchIndex
  readonly #statements = new Map<string, Database.Statement>()
  /** The greatest number of a run that was taken out. */
  #lastRemoved = 0

  constructor(connection: Database.Database) {
    this.#connection = connection
    this.#searchIndex = new SearchIndex(connection)
  }

  #prepared(sql: string): Database.Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#connection.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  simulations(): SimulationRow[] {
    return this.#prepared('SELECT id, name FROM simulation').all() as SimulationRow[]
  }

  /**
   * The run of this name, made when it is new. The number of one that was taken out is not
   * given again: who remembers rows of that one can tell.
   */
  ensureSimulation(name: string): SimulationRow {
    const select = this.#prepared('SELECT id, name FROM simulation WHERE name = ?')
    const known = select.get(name) as SimulationRow | undefined
    if (known !== undefined) return known
    this.#prepared(
      'INSERT INTO simulation (id, name) SELECT max(ifnull(max(id), 0), ?) + 1, ? FROM simulation',
    ).run(this.#lastRemoved, name)
    return select.get(name) as SimulationRow
  }

  /** Removes a run and everything indexed of it; its files are not touched. */
  removeSimulation(id: number): void {
    this.#searchIndex.takeOut(id)
    this.#prepared(
      'DELETE FROM edge WHERE effect IN (SELECT id FROM event WHERE simulation = ?)',
    ).run(id)
    this.#prepared(
      'DELETE FROM leaf WHERE stretch IN (SELECT id FROM stretch WHERE simulation = ?)',
    ).run(id)
    for (const table of ['dangling', 'stretch', 'reject', 'event', 'segment']) {
      this.#prepared(`DELETE FROM ${table} WHERE simulation = ?`).run(id)
    }
    this.#prepared('DELETE FROM simulation WHERE id = ?').run(id)
    this.#lastRemoved = Math.max(this.#lastRemoved, id)
    this.#searchIndex.moveBack()
  }

  segments(simulation: number): KnownSegment[] {
    return this.#prepared(
      `SELECT id, name, size, device, inode, modified_ms AS modifiedMs, checkpoint,
        prefix_crc AS prefixCrc, tail_crc AS tailCrc
      FROM segment WHERE simulation = ? ORDER BY id`,
    ).all(simulation) as KnownSegment[]
  }

  /** Notes a segment before its first byte is read. */
  addSegment(simulation: number, found: FoundSegment): KnownSegment {
    const { lastInsertRowid } = this.#prepared(
      `INSERT INTO segment (simulation, name, size, device, inode, modified_ms, checkpoint, prefix_crc, tail_crc)
      VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0)`,
    ).run(simulation, found.name, found.size, found.device, found.inode, UNSETTLED)
    return {
      ...found,
      id: Number(lastInsertRowid),
      modifiedMs: UNSETTLED,
      checkpoint: 0,
      prefixCrc: 0,
      tailCrc: 0,
    }
  }

  /** Notes under which name and at which size a known segment is about to be read on. */
  continueSegment(id: number, found: FoundSegment): void {
    this.#prepared(
      'UPDATE segment SET name = ?, size = ?, device = ?, inode = ?, modified_ms = ? WHERE id = ?',
    ).run(found.name, found.size, found.device, found.inode, UNSETTLED, id)
  }

  /** Notes that a segment was read to the end it had when it was listed. */
  settleSegment(id: number, found: FoundSegment): void {
    this.#prepared('UPDATE segment SET modified_ms = ? WHERE id = ?').run(found.modifiedMs, id)
  }

  removeSegment(id: number): void {
    this.#prepared('DELETE FROM segment WHERE id = ?').run(id)
  }

  /** Whether an event of a run may stand in it more than once. */
  hasCopies(simulation: number): boolean {
    const counts = this.#prepared(
      'SELECT duplicate_count + reject_count FROM simulation WHERE id = ?',
    )
      .pluck()
      .get(simulation)
    return Number(counts) > 0
  }

  /** Counts a block in, moves the checkpoint behind it, and keeps the run's order and links true. */
  finishBlock(
    simulation: SimulationRow,
    segment: number,
    result: BlockResult,
    at: Checkpoint,
  ): void {
    const { inserted, rejects, duplicates } = result
    const { count, indexes } = inserted
    this.#prepared(
      `UPDATE segment SET checkpoint = ?, prefix_crc = ?, tail_crc = ?, event_count = event_count + ?,
        reject_count = reject_count + ?, duplicate_count = duplicate_count + ? WHERE id = ?`,
    ).run(at.checkpoint, at.prefixCrc, at.tailCrc, count, rejects, duplicates, segment)
    this.#prepared(
      `UPDATE simulation SET event_count = event_count + ?, reject_count = reject_count + ?,
        duplicate_count = duplicate_count + ? WHERE id = ?`,
    ).run(count, rejects, duplicates, simulation.id)
    const first = indexes[0]
    const last = indexes.at(-1)
    if (first === undefined || last === undefined) return
    const span = {
      first: inserted.position(first),
      last: inserted.position(last),
      firstRow: inserted.row(first),
    }
    this.#keepOrder(simulation.id, span)
    this.#keepSpan(simulation.id, span, inserted)
    this.#resolveDangling(simulation.id, span.firstRow)
  }

  /** A run stays `ordered` while each block begins behind the end of the one before. */
  #keepOrder(simulation: number, { first, last }: BlockSpan): void {
    const state = this.#prepared(
      'SELECT ordered, last_timestamp, last_event_id FROM simulation WHERE id = ?',
    ).get(simulation) as OrderState
    const before: EventPosition | undefined =
      state.last_timestamp === null || state.last_event_id === null
        ? undefined
        : { timestamp: state.last_timestamp, eventId: state.last_event_id }
    const inOrder = before === undefined || compareEvents(before, first) < 0
    if (before === undefined || compareEvents(before, last) < 0) {
      this.#prepared(
        'UPDATE simulation SET last_timestamp = ?, last_event_id = ? WHERE id = ?',
      ).run(last.timestamp, last.eventId, simulation)
    }
    if (state.ordered === 1 && !inOrder) {
      this.#prepared('UPDATE simulation SET ordered = 0 WHERE id = ?').run(simulation)
    }
  }

  #keepSpan(simulation: number, span: BlockSpan, { batch, indexes }: InsertedEvents): void {
    let firstTurn = Infinity
    let lastTurn = 0
    for (const index of indexes) {
      firstTurn = Math.min(firstTurn, batch.turn(index))
      lastTurn = Math.max(lastTurn, batch.turn(index))
    }
    this.#prepared(
      `UPDATE simulation SET first_timestamp = min(ifnull(first_timestamp, @timestamp), @timestamp),
        first_turn = min(ifnull(first_turn, @firstTurn), @firstTurn),
        last_turn = max(ifnull(last_turn, @lastTurn), @lastTurn)
      WHERE id = @simulation`,
    ).run({ simulation, timestamp: span.first.timestamp, firstTurn, lastTurn })
  }

  /**
   * Turns dangling causes into edges once the events they name are here.
   *
   * @param since the block's first row: rows get the next free id, so none of another run follows
   */
  #resolveDangling(simulation: number, since: number): void {
    const anything = this.#prepared('SELECT 1 FROM dangling WHERE simulation = ? LIMIT 1')
    if (anything.get(simulation) === undefined) return
    this.#prepared(
      `INSERT INTO edge (cause, effect)
      SELECT event.id, dangling.effect FROM event CROSS JOIN dangling
        ON dangling.simulation = event.simulation AND dangling.cause_event_id = event.event_id
      WHERE event.id >= ?
      ON CONFLICT DO NOTHING`,
    ).run(since)
    this.#prepared(
      `DELETE FROM dangling WHERE simulation = ? AND cause_event_id IN
        (SELECT event_id FROM event WHERE id >= ?)`,
    ).run(simulation, since)
  }
}
