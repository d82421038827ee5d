import type Database from 'better-sqlite3'
import { decodeLine, encodeLine } from '../src/event/event-line.js'
import { isSameJson } from '../src/event/json-equality.js'
import { type Line, readBlocks } from '../src/segment/block-reader.js'
import type { FoundSegment } from '../src/segment/discovery.js'
import { compareSegmentNames } from '../src/segment/segment-name.js'
import {
  compareRow,
  type IndexedEvent,
  type IndexedReject,
  RunComparison,
} from './run-comparison.js'
import { withSegment } from './segment-file.js'
import type { SimulationRow } from './simulation-tables.js'
import { findTableProblems } from './verify-tables.js'

/** A place where the sidecar and the segments do not say the same. */
export interface Difference {
  readonly simulation_id?: string
  readonly segment?: string
  /** Bytes from the start of the segment. */
  readonly offset?: number
  readonly problem: string
}

/** Holds runs against their rows, reading each segment once. */
export class SimulationVerifier {
  readonly #report: (difference: Difference) => void
  readonly #connection: Database.Database
  readonly #counts = { events: 0, rejects: 0, duplicates: 0, bytes: 0 }
  readonly #findEvent: Database.Statement<[number, string], IndexedEvent>
  readonly #findCauses: Database.Statement<[number, number], string>

  /** @param connection within a read transaction, so that it stands still */
  constructor(connection: Database.Database, report: (difference: Difference) => void) {
    this.#connection = connection
    this.#report = report
    this.#findEvent = connection.prepare(`
      SELECT event.id, segment.name AS segment, event.offset, event.length, event.timestamp, event.turn,
        event.type, event.shape, event.event_id AS eventId, agent.name AS agentId, kind.name AS kind,
        event.caused_by AS causedBy, event.description, event.details, event.raw
      FROM event JOIN segment ON segment.id = event.segment
      LEFT JOIN agent ON agent.id = event.agent LEFT JOIN kind ON kind.id = event.kind
      WHERE event.simulation = ? AND event.event_id = ?`)
    this.#findCauses = connection
      .prepare<[number, number], string>(
        `SELECT event.event_id FROM edge JOIN event ON event.id = edge.cause WHERE edge.effect = ?
        UNION ALL SELECT cause_event_id FROM dangling WHERE effect = ?`,
      )
      .pluck()
  }

  /** The runs the sidecar has. */
  indexedSimulations(): string[] {
    return this.#connection.prepare<[], string>('SELECT name FROM simulation').pluck().all()
  }

  /** What was read so far. */
  counts(): Readonly<Record<'events' | 'rejects' | 'duplicates' | 'bytes', number>> {
    return { ...this.#counts }
  }

  /**
   * Compares one run.
   *
   * @throws StaleListingError or the file system's error when a segment cannot be read
   */
  verify(name: string, segments: readonly FoundSegment[]): void {
    const simulation = this.#connection
      .prepare<[string], SimulationRow>('SELECT id, name FROM simulation WHERE name = ?')
      .get(name)
    if (simulation === undefined) {
      this.#report({ simulation_id: name, problem: 'is on disk but not indexed' })
      return
    }
    const checkpoints = this.#checkpoints(simulation.id)
    const run = new RunComparison(simulation, this.#indexedRejects(simulation.id))
    for (const segment of segments) {
      const checkpoint = checkpoints.get(segment.name)
      checkpoints.delete(segment.name)
      this.#verifySegment(run, segment, checkpoint ?? 0)
    }
    for (const segment of checkpoints.keys()) {
      this.#report({ simulation_id: name, segment, problem: 'is indexed but not on disk' })
    }
    for (const { segment, offset } of run.rejects.values()) {
      const problem = 'is indexed as a reject, but the line is none'
      this.#report({ simulation_id: name, segment, offset, problem })
    }
    for (const problem of findTableProblems(this.#connection, simulation.id, run)) {
      this.#report({ simulation_id: name, problem })
    }
  }

  #checkpoints(simulation: number): Map<string, number> {
    const rows = this.#connection
      .prepare<[number], { name: string; checkpoint: number }>(
        'SELECT name, checkpoint FROM segment WHERE simulation = ?',
      )
      .all(simulation)
    return new Map(rows.map(({ name, checkpoint }) => [name, checkpoint]))
  }

  #indexedRejects(simulation: number): IndexedReject[] {
    return this.#connection
      .prepare<[number], IndexedReject>(
        `SELECT segment.name AS segment, reject.offset, reject.length
        FROM reject JOIN segment ON segment.id = reject.segment WHERE reject.simulation = ?`,
      )
      .all(simulation)
  }

  #verifySegment(run: RunComparison, segment: FoundSegment, checkpoint: number): void {
    let waiting = 0
    withSegment(segment, (fd) => {
      for (const block of readBlocks(fd, { from: 0, prefixCrc: 0, until: segment.size })) {
        for (const line of block.lines) {
          if (line.offset >= checkpoint) waiting++
          else this.#verifyLine(run, segment.name, line)
        }
        this.#counts.bytes = this.#counts.bytes + block.end - (block.lines[0]?.offset ?? block.end)
      }
    })
    if (segment.size < checkpoint) {
      const problem = `is ${segment.size} bytes long, but indexed up to ${checkpoint}`
      this.#report({ simulation_id: run.simulation.name, segment: segment.name, problem })
    }
    if (waiting > 0) {
      this.#report({
        simulation_id: run.simulation.name,
        segment: segment.name,
        offset: checkpoint,
        problem: `${waiting} lines from here on are not indexed yet: run \`turnlog index\``,
      })
    }
  }

  #verifyLine(run: RunComparison, segment: string, { offset, length, content }: Line): void {
    const decoded = 'text' in content ? decodeLine(content.text, run.simulation.name) : content
    const place = { simulation_id: run.simulation.name, segment, offset }
    if ('problem' in decoded) {
      this.#expectReject(run, segment, offset, length)
      return
    }
    const row = this.#findEvent.get(run.simulation.id, decoded.eventId)
    if (row === undefined) {
      this.#report({ ...place, problem: `event ${decoded.eventId} is not indexed` })
      return
    }
    const line = 'text' in content ? content.text : ''
    if (row.segment === segment && row.offset === offset) {
      this.#counts.events++
      run.count(row)
      const causes = this.#findCauses.all(row.id, row.id)
      for (const problem of compareRow(
        { row, length, causes, decoded, line },
        run.simulation.name,
      )) {
        this.#report({ ...place, problem: `event ${decoded.eventId}: ${problem}` })
      }
    } else if (!standsBefore(row, segment, offset)) {
      const problem = `event ${decoded.eventId} is indexed at ${row.segment}, offset ${row.offset}`
      this.#report({ ...place, problem })
    } else if (isSameJson(encodeLine(row, run.simulation.name), line)) {
      this.#counts.duplicates++
      run.duplicates++
    } else {
      this.#expectReject(run, segment, offset, length)
    }
  }

  #expectReject(run: RunComparison, segment: string, offset: number, length: number): void {
    this.#counts.rejects++
    if (run.takeReject(segment, offset, length)) return
    const problem = 'the line is no event, but is not indexed as a reject'
    this.#report({ simulation_id: run.simulation.name, segment, offset, problem })
  }
}

function standsBefore(row: IndexedEvent, segment: string, offset: number): boolean {
  return row.segment === segment
    ? row.offset < offset
    : compareSegmentNames(row.segment, segment) < 0
}
