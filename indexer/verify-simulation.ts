import type Database from 'better-sqlite3'
import { LineDecoder, type LineProblem } from '../src/event/event-line.js'
import type { DecodedLine } from '../src/event/line-parts.js'
import { type Line, type LineBlock, lineText, readBlocks } from '../src/segment/block-reader.js'
import type { FoundSegment } from '../src/segment/discovery.js'
import { tailCrc } from '../src/segment/fingerprint.js'
import { compareSegmentNames } from '../src/segment/segment-name.js'
import { conflict } from './apply-block.js'
import type { Difference } from './difference.js'
import {
  compareRow,
  type IndexedCause,
  type IndexedEvent,
  type IndexedReject,
  type LineCounts,
  RunComparison,
  saysTheSame,
} from './run-comparison.js'
import { withSegment } from './segment-file.js'
import type { SimulationRow } from './simulation-tables.js'
import { findTableProblems } from './verify-tables.js'

interface SegmentRow {
  readonly id: number
  readonly name: string
  readonly size: number
  readonly device: number
  readonly inode: number
  readonly modified_ms: number
  readonly checkpoint: number
  readonly prefix_crc: number
  readonly tail_crc: number
  readonly event_count: number
  readonly reject_count: number
  readonly duplicate_count: number
}

/** Takes what was read of a run. */
type OnRead = (run: string, read: { readonly bytes: number; readonly events: number }) => void

/** Holds runs against their rows, reading each segment once. */
export class SimulationVerifier {
  readonly #report: (difference: Difference) => void
  readonly #onRead: OnRead | undefined
  readonly #connection: Database.Database
  readonly #counts = { events: 0, rejects: 0, duplicates: 0, bytes: 0 }
  readonly #findEvent: Database.Statement<[number, string], IndexedEvent>
  readonly #findCauses: Database.Statement<[Pick<IndexedEvent, 'id'>], IndexedCause>

  /**
   * @param connection within a read transaction, so that it stands still
   * @param onRead told after each block
   */
  constructor(
    connection: Database.Database,
    report: (difference: Difference) => void,
    onRead?: OnRead,
  ) {
    this.#connection = connection
    this.#report = report
    this.#onRead = onRead
    this.#findEvent = connection.prepare(`
      SELECT event.id, segment.name AS segment, event.offset, event.length, event.timestamp, event.turn,
        event.shape, event.event_id AS eventId, event.caused_by AS causedBy, event.description,
        event.details, event.raw, cell.type, agent.name AS agentId, kind.name AS kind,
        cell.participants
      FROM event
      LEFT JOIN segment ON segment.id = event.segment AND segment.simulation = event.simulation
      LEFT JOIN cell ON cell.id = event.cell
      LEFT JOIN agent ON agent.id = cell.agent LEFT JOIN kind ON kind.id = cell.kind
      WHERE event.simulation = ? AND event.event_id = ?`)
    this.#findCauses = connection.prepare(`
      SELECT ifnull(cause.event_id, 'row ' || edge.cause) AS eventId, 0 AS isHere
      FROM edge JOIN event AS effect ON effect.id = edge.effect
      LEFT JOIN event AS cause ON cause.id = edge.cause AND cause.simulation = effect.simulation
      WHERE edge.effect = @id
      UNION ALL SELECT cause_event_id, EXISTS (SELECT 1 FROM event
        WHERE event.simulation = dangling.simulation AND event.event_id = cause_event_id)
      FROM dangling WHERE effect = @id`)
  }

  /** The runs the sidecar has. */
  indexedSimulations(): string[] {
    return this.#connection.prepare<[], string>('SELECT name FROM simulation').pluck().all()
  }

  /** What was read so far. */
  counts(): LineCounts & { readonly bytes: number } {
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
    const rows = this.#segmentRows(simulation.id)
    const run = new RunComparison(simulation, this.#indexedRejects(simulation.id))
    for (const segment of segments) {
      const row = rows.find((candidate) => candidate.name === segment.name)
      if (row !== undefined) rows.splice(rows.indexOf(row), 1)
      this.#verifySegment(run, segment, row)
    }
    for (const { id: row, name: segment } of rows) {
      const problem = 'is indexed but not on disk'
      this.#report({ simulation_id: name, segment, table: 'segment', row, problem })
    }
    for (const { id: row, segment, offset } of run.rejects.values()) {
      const problem = 'is indexed as a reject, but the line is none'
      this.#report({ simulation_id: name, segment, offset, table: 'reject', row, problem })
    }
    for (const difference of findTableProblems(this.#connection, run)) {
      this.#report({ simulation_id: name, ...difference })
    }
  }

  #segmentRows(simulation: number): SegmentRow[] {
    return this.#connection
      .prepare<[number], SegmentRow>('SELECT * FROM segment WHERE simulation = ?')
      .all(simulation)
  }

  #indexedRejects(simulation: number): (IndexedReject & { readonly id: number })[] {
    return this.#connection
      .prepare<[number], IndexedReject & { readonly id: number }>(
        `SELECT reject.id, segment.name AS segment, reject.offset, reject.length, reject.reason
        FROM reject JOIN segment
          ON segment.id = reject.segment AND segment.simulation = reject.simulation
        WHERE reject.simulation = ?`,
      )
      .all(simulation)
  }

  #verifySegment(run: RunComparison, file: FoundSegment, row: SegmentRow | undefined): void {
    const before = run.counts()
    const report = (problem: string, place: Pick<Difference, 'offset' | 'table' | 'row'>): void => {
      this.#report({ simulation_id: run.simulation.name, segment: file.name, ...place, problem })
    }
    const checkpoint = row?.checkpoint ?? 0
    withSegment(file, (fd) => {
      let read = { end: 0, prefixCrc: 0 }
      for (const block of readBlocks(fd, { from: 0, prefixCrc: 0, until: checkpoint })) {
        const decoder = new LineDecoder(block.bytes, run.simulation.name)
        for (const line of block.lines) {
          const { problem, start, end } = line
          const decoded = problem === undefined ? decoder.decode(start, end) : { problem }
          this.#verifyLine(run, file.name, { ...line, decoded, text: lineText(block, line) })
        }
        this.#counts.bytes += block.end - read.end
        const bytes = block.end - read.end
        this.#onRead?.(run.simulation.name, { bytes, events: block.lines.length })
        read = block
      }
      if (row !== undefined) {
        const place = { table: 'segment', row: row.id }
        for (const problem of checkpointProblems(fd, file, row, read)) report(problem, place)
        for (const problem of countProblems(row, before, run.counts())) report(problem, place)
      }
      let waiting = 0
      for (const block of readBlocks(fd, { ...read, from: read.end, until: file.size })) {
        waiting += block.lines.length
      }
      if (waiting > 0) {
        report(`${waiting} lines from here on are not indexed yet: run \`turnlog index\``, {
          offset: read.end,
        })
      }
    })
  }

  #verifyLine(run: RunComparison, segment: string, line: VerifiedLine): void {
    const { id: simulation, name } = run.simulation
    const { offset, length, decoded, text } = line
    const place = { simulation_id: name, segment, offset }
    const expectReject = (reason: string): void => {
      this.#counts.rejects++
      const problem = run.takeReject({ segment, offset, length, reason })
      if (problem !== undefined) this.#report({ ...place, problem })
    }
    if ('problem' in decoded) {
      expectReject(decoded.problem)
      return
    }
    const row = this.#findEvent.get(simulation, decoded.eventId)
    const event = { event_id: decoded.eventId }
    const found = row && { table: 'event', row: row.id }
    const report = (problem: string): void => {
      this.#report({ ...place, ...event, ...found, problem })
    }
    if (row === undefined) report(`event ${decoded.eventId} is not indexed`)
    else if (row.segment === null) {
      report(`event ${decoded.eventId} is indexed in a segment the run does not have`)
    } else if (row.segment === segment && row.offset === offset) {
      this.#counts.events++
      run.addEvent(row.id, decoded)
      const causes = this.#findCauses.all(row)
      for (const problem of compareRow({ row, causes, decoded, length, line: text }, name)) {
        report(`event ${decoded.eventId}: ${problem}`)
      }
    } else if (!standsBefore({ segment: row.segment, offset: row.offset }, { segment, offset })) {
      report(`event ${decoded.eventId} is indexed at ${row.segment}, offset ${row.offset}`)
    } else if (saysTheSame(row, text, name)) {
      this.#counts.duplicates++
      run.addDuplicate()
    } else expectReject(conflict(decoded))
  }
}

interface VerifiedLine extends Pick<Line, 'offset' | 'length'> {
  readonly decoded: DecodedLine | LineProblem
  readonly text: string
}

interface LinePlace {
  readonly segment: string
  readonly offset: number
}

function* checkpointProblems(
  fd: number,
  file: FoundSegment,
  row: SegmentRow,
  { end, prefixCrc }: Pick<LineBlock, 'end' | 'prefixCrc'>,
): Generator<string> {
  const { checkpoint } = row
  const isSettled =
    row.inode === file.inode && row.device === file.device && row.modified_ms === file.modifiedMs
  if (isSettled && row.size !== file.size) {
    yield `size is kept as ${row.size}, but is ${file.size}`
  }
  if (file.size < checkpoint) {
    yield `is ${file.size} bytes long, but indexed up to ${checkpoint}`
  } else if (end !== checkpoint) {
    yield `is indexed up to ${checkpoint}, but the last line before that ends at ${end}`
  } else if (prefixCrc !== row.prefix_crc || tailCrc(fd, checkpoint) !== row.tail_crc) {
    yield 'does not begin with what was indexed of it: its checksums are others'
  }
}

function* countProblems(row: SegmentRow, before: LineCounts, after: LineCounts): Generator<string> {
  const expected = {
    event_count: after.events - before.events,
    reject_count: after.rejects - before.rejects,
    duplicate_count: after.duplicates - before.duplicates,
  }
  for (const column of ['event_count', 'reject_count', 'duplicate_count'] as const) {
    if (row[column] === expected[column]) continue
    yield `${column} is kept as ${row[column]}, but is ${expected[column]}`
  }
}

function standsBefore(place: LinePlace, other: LinePlace): boolean {
  return place.segment === other.segment
    ? place.offset < other.offset
    : compareSegmentNames(place.segment, other.segment) < 0
}
