import Database from 'better-sqlite3'
import { type LeafRow, readLeaf } from '#indexer/leaf-events.js'
import { encodeLine } from '#src/event/event-line.js'
import type { TimestampMicros } from '#src/event/timestamp.js'

interface EventRow {
  simulation: string
  segment: string
  offset: number
  length: number
  timestamp: TimestampMicros
  turn: number
  type: number
  shape: number
  eventId: string
  agentId: string | null
  kind: string | null
  causedBy: string | null
  description: string | null
  details: string | null
  raw: string | null
}

/** Everything a sidecar says, without the numbers it gives to things. */
export interface SidecarDump {
  readonly simulations: readonly unknown[]
  readonly segments: readonly unknown[]
  readonly events: readonly DumpedEvent[]
  readonly edges: readonly unknown[]
  readonly dangling: readonly unknown[]
  /** Each run's events in the order that is kept, as it is kept. */
  readonly order: readonly unknown[]
  readonly rejects: readonly DumpedReject[]
}

/** An event, its place and its line. */
export interface DumpedEvent {
  readonly simulation: string
  readonly segment: string
  readonly offset: number
  readonly kind: string | null
  readonly line: string
}

/** A reject and its place. */
export interface DumpedReject {
  readonly simulation: string
  readonly segment: string
  readonly offset: number
  readonly length: number
  readonly reason: string
}

/** Reads a sidecar as a whole, in an order that does not depend on how it was filled. */
export function dumpSidecar(path: string): SidecarDump {
  const db = new Database(path, { readonly: true })
  const all = (sql: string): unknown[] => db.prepare(sql).all()
  const events = db
    .prepare<[], EventRow>(
      `SELECT simulation.name AS simulation, segment.name AS segment, event.offset, event.length,
        event.timestamp, event.turn, cell.type, event.shape, event.event_id AS eventId,
        agent.name AS agentId, kind.name AS kind, caused_by AS causedBy, description, details, raw
      FROM event JOIN simulation ON simulation.id = event.simulation
      JOIN segment ON segment.id = event.segment
      JOIN cell ON cell.id = event.cell
      LEFT JOIN agent ON agent.id = cell.agent LEFT JOIN kind ON kind.id = cell.kind
      ORDER BY 1, 2, 3`,
    )
    .all()
  const dump: SidecarDump = {
    simulations: all(`SELECT name, event_count, reject_count, duplicate_count, first_timestamp,
      last_timestamp, last_event_id, first_turn, last_turn FROM simulation ORDER BY name`),
    segments: all(`SELECT simulation.name AS simulation, segment.name, size, checkpoint, prefix_crc,
      tail_crc, segment.event_count, segment.reject_count, segment.duplicate_count
      FROM segment JOIN simulation ON simulation.id = segment.simulation ORDER BY 1, 2`),
    events: events.map((row) => ({
      simulation: row.simulation,
      segment: row.segment,
      offset: row.offset,
      kind: row.kind,
      line: encodeLine(row, row.simulation),
    })),
    edges: all('SELECT * FROM causality ORDER BY 1, 2, 3'),
    dangling: all(`SELECT simulation.name, cause_event_id, event.event_id
      FROM dangling JOIN event ON event.id = dangling.effect
      JOIN simulation ON simulation.id = dangling.simulation ORDER BY 1, 2, 3`),
    order: readOrder(db),
    rejects: db
      .prepare<[], DumpedReject>('SELECT * FROM rejects ORDER BY 1, 2, 3')
      .all()
      .map(({ simulation_id: simulation, ...rest }: DumpedReject & { simulation_id?: string }) => ({
        ...rest,
        simulation: simulation ?? '',
      })),
  }
  db.close()
  return dump
}

interface LeafColumns extends LeafRow {
  readonly simulation: string
}

function readOrder(db: Database.Database): unknown[] {
  const eventId = db.prepare('SELECT event_id FROM event WHERE id = ?').pluck()
  const words = db.prepare(
    `SELECT type, agent.name AS agent, kind.name AS kind, participants FROM cell
    LEFT JOIN agent ON agent.id = cell.agent LEFT JOIN kind ON kind.id = cell.kind
    WHERE cell.id = ?`,
  )
  const leaves = db
    .prepare<[], LeafColumns>(
      `SELECT simulation.name AS simulation, leaf.* FROM leaf JOIN stretch ON stretch.id = leaf.stretch
      JOIN simulation ON simulation.id = stretch.simulation
      ORDER BY simulation.name, leaf.first_timestamp, leaf.first_event_id`,
    )
    .all()
  return leaves.flatMap((leaf) =>
    readLeaf(leaf).map(({ row, timestamp, turn, cell }) => ({
      simulation: leaf.simulation,
      eventId: eventId.get(row),
      timestamp,
      turn,
      cell: words.get(cell),
    })),
  )
}
