import type Database from 'better-sqlite3'
import { encodeLine } from '../src/event/event-line.js'
import type { TimestampMicros } from '../src/event/timestamp.js'
import type { EventBatch } from './event-batch.js'
import { EventInserter, type EventPlace } from './event-inserter.js'
import type { InsertedEvents } from './inserted-events.js'
import { type OrderSizes, OrderTables } from './order-tables.js'
import { RowInserter } from './row-inserter.js'

/** A copy of an event that is indexed already. */
export interface IndexedCopy {
  readonly id: number
  readonly segment: number
  readonly segmentName: string
  readonly offset: number
  readonly line: string
}

interface EventRow {
  readonly id: number
  readonly segment: number
  readonly segmentName: string
  readonly offset: number
  readonly timestamp: TimestampMicros
  readonly turn: number
  readonly type: number
  readonly shape: number
  readonly event_id: string
  readonly agent: string | null
  readonly kind: string | null
  readonly caused_by: string | null
  readonly description: string | null
  readonly details: string | null
  readonly raw: string | null
}

/** An edge is two integers, so it costs least where many share a statement. */
const EDGES_AT_ONCE = 50

/** The prepared statements that put events, edges and rejects into the tables. */
export class SidecarWriter {
  readonly order: OrderTables
  readonly #events: EventInserter
  readonly #edges: RowInserter
  readonly #findEvent: Database.Statement<[number, string], number>
  readonly #readEvent: Database.Statement<[number, string], EventRow>
  readonly #insertDangling: Database.Statement<[number, string, number]>
  readonly #insertReject: Database.Statement

  constructor(connection: Database.Database, sizes?: OrderSizes) {
    this.order = new OrderTables(connection, sizes)
    this.#events = new EventInserter(connection)
    const edge = { table: 'edge', columns: ['cause', 'effect'] }
    this.#edges = new RowInserter(connection, edge, EDGES_AT_ONCE)
    this.#findEvent = connection
      .prepare<[number, string], number>(
        'SELECT id FROM event WHERE simulation = ? AND event_id = ?',
      )
      .pluck()
    this.#readEvent = connection.prepare(`
      SELECT event.*, cell.type AS type, agent.name AS agent, kind.name AS kind,
        segment.name AS segmentName
      FROM event JOIN segment ON segment.id = event.segment JOIN cell ON cell.id = event.cell
      LEFT JOIN agent ON agent.id = cell.agent LEFT JOIN kind ON kind.id = cell.kind
      WHERE event.simulation = ? AND event.event_id = ?`)
    this.#insertDangling = connection.prepare(
      'INSERT INTO dangling (simulation, cause_event_id, effect) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.#insertReject = connection.prepare(
      'INSERT INTO reject (simulation, segment, offset, length, reason) VALUES (?, ?, ?, ?, ?)',
    )
  }

  /** See {@link EventInserter.insert}. */
  insertEvents(place: EventPlace, batch: EventBatch): InsertedEvents {
    return this.#events.insert(place, batch)
  }

  findEvent(simulation: number, eventId: string): number | undefined {
    return this.#findEvent.get(simulation, eventId)
  }

  /** The indexed copy of an event, with its line as it was written. */
  readCopy(
    simulation: { readonly id: number; readonly name: string },
    eventId: string,
  ): IndexedCopy | undefined {
    const row = this.#readEvent.get(simulation.id, eventId)
    if (row === undefined) return undefined
    const parts = {
      ...row,
      eventId: row.event_id,
      agentId: row.agent,
      causedBy: row.caused_by,
    }
    const { id, segment, segmentName, offset } = row
    return { id, segment, segmentName, offset, line: encodeLine(parts, simulation.name) }
  }

  /** @param edges rows of causes and effects in turns */
  insertEdges(edges: readonly number[]): void {
    this.#edges.insertAll(edges)
  }

  insertDangling(simulation: number, causeEventId: string, effect: number): void {
    this.#insertDangling.run(simulation, causeEventId, effect)
  }

  insertReject(
    simulation: number,
    segment: number,
    place: { readonly offset: number; readonly length: number },
    reason: string,
  ): void {
    this.#insertReject.run(simulation, segment, place.offset, place.length, reason)
  }

  /** To be called after a transaction was rolled back. */
  forget(): void {
    this.#events.forget()
  }
}
