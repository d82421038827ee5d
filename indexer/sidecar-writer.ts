import type Database from 'better-sqlite3'
import { encodeLine } from '../src/event/event-line.js'
import type { DecodedLine } from '../src/event/line-parts.js'
import type { TimestampMicros } from '../src/event/timestamp.js'

/** An event and its place in a segment. */
export interface PlacedEvent {
  readonly offset: number
  readonly length: number
  readonly event: DecodedLine
}

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
  readonly caused_by: string | null
  readonly description: string | null
  readonly details: string | null
  readonly raw: string | null
}

/** Integers for words, handed out by a dictionary table and remembered. */
class Dictionary {
  readonly #ids = new Map<string, number>()
  readonly #select: Database.Statement<[string], number>
  readonly #insert: Database.Statement<[string]>

  constructor(connection: Database.Database, table: 'agent' | 'kind') {
    this.#select = connection
      .prepare<[string], number>(`SELECT id FROM ${table} WHERE name = ?`)
      .pluck()
    this.#insert = connection.prepare(`INSERT INTO ${table} (name) VALUES (?)`)
  }

  idOf(word: string | null): number | null {
    if (word === null) return null
    let id = this.#ids.get(word) ?? this.#select.get(word)
    id ??= Number(this.#insert.run(word).lastInsertRowid)
    this.#ids.set(word, id)
    return id
  }

  /** Forgets what a rolled-back transaction may have handed out. */
  forget(): void {
    this.#ids.clear()
  }
}

/** The prepared statements that put events, edges and counts into the tables. */
export class SidecarWriter {
  readonly agents: Dictionary
  readonly kinds: Dictionary
  readonly #insertEvent: Database.Statement
  readonly #findEvent: Database.Statement<[number, string], number>
  readonly #readEvent: Database.Statement<[number, string], EventRow>
  readonly #insertEdge: Database.Statement<[number, number]>
  readonly #insertDangling: Database.Statement<[number, string, number]>
  readonly #insertReject: Database.Statement
  readonly #addRollup: Database.Statement

  constructor(connection: Database.Database) {
    this.agents = new Dictionary(connection, 'agent')
    this.kinds = new Dictionary(connection, 'kind')
    this.#insertEvent = connection.prepare(`
      INSERT INTO event (simulation, segment, offset, length, timestamp, turn, type, kind, agent,
        shape, event_id, caused_by, description, details, raw)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (simulation, event_id) DO NOTHING`)
    this.#findEvent = connection
      .prepare<[number, string], number>(
        'SELECT id FROM event WHERE simulation = ? AND event_id = ?',
      )
      .pluck()
    this.#readEvent = connection.prepare(`
      SELECT event.*, agent.name AS agent, segment.name AS segmentName
      FROM event JOIN segment ON segment.id = event.segment LEFT JOIN agent ON agent.id = event.agent
      WHERE event.simulation = ? AND event.event_id = ?`)
    this.#insertEdge = connection.prepare(
      'INSERT INTO edge (cause, effect) VALUES (?, ?) ON CONFLICT DO NOTHING',
    )
    this.#insertDangling = connection.prepare(
      'INSERT INTO dangling (simulation, cause_event_id, effect) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.#insertReject = connection.prepare(
      'INSERT INTO reject (simulation, segment, offset, length, reason) VALUES (?, ?, ?, ?, ?)',
    )
    this.#addRollup = connection.prepare(`
      INSERT INTO rollup (simulation, bucket, type, agent, events) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET events = events + excluded.events`)
  }

  /** @returns the new row's id, or undefined when the run has an event of this id already */
  insertEvent(simulation: number, segment: number, placed: PlacedEvent): number | undefined {
    const { event } = placed
    const { changes, lastInsertRowid } = this.#insertEvent.run(
      simulation,
      segment,
      placed.offset,
      placed.length,
      event.timestamp,
      event.turn,
      event.type,
      this.kinds.idOf(event.kind),
      this.agents.idOf(event.agentId),
      event.shape,
      event.eventId,
      event.causedBy,
      event.description,
      event.details,
      event.raw,
    )
    return changes === 0 ? undefined : Number(lastInsertRowid)
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

  insertEdge(cause: number, effect: number): void {
    this.#insertEdge.run(cause, effect)
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

  addRollup(simulation: number, counts: Iterable<RollupCount>): void {
    for (const { bucket, type, agent, events } of counts) {
      this.#addRollup.run(simulation, bucket, type, agent, events)
    }
  }

  /** To be called after a transaction was rolled back. */
  forget(): void {
    this.agents.forget()
    this.kinds.forget()
  }
}

/** How many events a batch adds to one cell of the rollup. */
export interface RollupCount {
  readonly bucket: number
  readonly type: number
  readonly agent: number
  readonly events: number
}
