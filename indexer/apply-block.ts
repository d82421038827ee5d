import { decodeLine } from '../src/event/event-line.js'
import { compareEvents } from '../src/event/event-order.js'
import { isSameJson } from '../src/event/json-equality.js'
import type { LineBlock } from '../src/segment/block-reader.js'
import { compareSegmentNames } from '../src/segment/segment-name.js'
import { TURNS_PER_BUCKET } from '../src/sidecar/schema.js'
import type { IndexedCopy, PlacedEvent, RollupCount, SidecarWriter } from './sidecar-writer.js'

/** Where a block comes from. */
export interface BlockSource {
  readonly simulation: { readonly id: number; readonly name: string }
  readonly segment: { readonly id: number; readonly name: string }
}

/** What a block added. */
export interface BlockResult {
  /** In (timestamp, event_id) order, with their row ids. */
  readonly inserted: readonly InsertedEvent[]
  readonly rejects: number
  readonly duplicates: number
}

/** An event that got a row. */
export interface InsertedEvent extends PlacedEvent {
  readonly id: number
}

/**
 * A copy of an event was indexed that stands behind this one in the run. The
 * first copy is the one that counts, so the run must be read anew, in order.
 */
export class LaterCopyIndexedError extends Error {}

/**
 * Puts the lines of a block into the tables: events, edges, counts and
 * rejects. To be called inside a transaction.
 *
 * Rows are inserted in (timestamp, event_id) order, so that small disorder
 * within a block costs nothing later.
 *
 * @throws LaterCopyIndexedError, with the transaction to be rolled back
 */
export function applyBlock(
  writer: SidecarWriter,
  source: BlockSource,
  block: Pick<LineBlock, 'lines'>,
): BlockResult {
  const { copies, rejects } = sortOut(block, source.simulation.name)
  const inserted: InsertedEvent[] = []
  let duplicates = 0
  for (const [first, ...others] of copies.sort(byFirstCopy)) {
    const id = writer.insertEvent(source.simulation.id, source.segment.id, first)
    if (id !== undefined) inserted.push({ ...first, id })
    const counted = id === undefined ? findCounted(writer, source, first) : first.text
    for (const copy of id === undefined ? [first, ...others] : others) {
      if (isSameJson(counted, copy.text)) duplicates++
      else rejects.push({ ...copy, reason: conflict(copy.event) })
    }
  }
  for (const reject of rejects.sort((a, b) => a.offset - b.offset)) {
    writer.insertReject(source.simulation.id, source.segment.id, reject, reject.reason)
  }
  linkCauses(writer, source.simulation.id, inserted)
  writer.addRollup(source.simulation.id, rollup(writer, inserted))
  return { inserted, rejects: rejects.length, duplicates }
}

interface Reject {
  readonly offset: number
  readonly length: number
  readonly reason: string
}

interface Copy extends PlacedEvent {
  readonly text: string
}

/** The copies of one event in a block, in the order of the file. */
type Copies = [first: Copy, ...others: Copy[]]

/** Tells events from rejects and puts the copies of each event together. */
function sortOut(
  block: Pick<LineBlock, 'lines'>,
  simulationName: string,
): { copies: Copies[]; rejects: Reject[] } {
  const copies = new Map<string, Copies>()
  const rejects: Reject[] = []
  for (const { offset, length, content } of block.lines) {
    if ('problem' in content) {
      rejects.push({ offset, length, reason: content.problem })
      continue
    }
    const event = decodeLine(content.text, simulationName)
    if ('problem' in event) {
      rejects.push({ offset, length, reason: event.problem })
      continue
    }
    const copy = { offset, length, event, text: content.text }
    const known = copies.get(event.eventId)
    if (known === undefined) copies.set(event.eventId, [copy])
    else known.push(copy)
  }
  return { copies: [...copies.values()], rejects }
}

function byFirstCopy([a]: Copies, [b]: Copies): number {
  return compareEvents(a.event, b.event)
}

/**
 * The line of the copy that counts, of an event that is indexed already.
 *
 * @throws LaterCopyIndexedError when that copy stands behind this one
 */
function findCounted(writer: SidecarWriter, source: BlockSource, copy: Copy): string {
  const indexed = writer.readCopy(source.simulation, copy.event.eventId)
  if (indexed === undefined) throw new Error(`event ${copy.event.eventId} is and is not indexed`)
  if (!standsBefore(indexed, source, copy)) throw new LaterCopyIndexedError()
  return indexed.line
}

/** Why a differing copy is a reject. Without the other's place: a segment's name changes when it is sealed. */
export function conflict({ eventId }: { readonly eventId: string }): string {
  return `event_id ${eventId} stands already before this line, with other content`
}

function standsBefore(copy: IndexedCopy, source: BlockSource, placed: PlacedEvent): boolean {
  if (copy.segment === source.segment.id) return copy.offset < placed.offset
  return compareSegmentNames(copy.segmentName, source.segment.name) < 0
}

function linkCauses(
  writer: SidecarWriter,
  simulation: number,
  inserted: readonly InsertedEvent[],
): void {
  const ids = new Map(inserted.map(({ id, event }) => [event.eventId, id]))
  for (const { id, event } of inserted) {
    for (const causeEventId of event.causes) {
      const cause = ids.get(causeEventId) ?? writer.findEvent(simulation, causeEventId)
      if (cause === undefined) writer.insertDangling(simulation, causeEventId, id)
      else writer.insertEdge(cause, id)
    }
  }
}

function rollup(writer: SidecarWriter, inserted: readonly InsertedEvent[]): Iterable<RollupCount> {
  const counts = new Map<string, RollupCount>()
  for (const { event } of inserted) {
    const bucket = Math.floor(event.turn / TURNS_PER_BUCKET)
    const agent = writer.agents.idOf(event.agentId) ?? 0
    const key = `${bucket} ${event.type} ${agent}`
    const events = (counts.get(key)?.events ?? 0) + 1
    counts.set(key, { bucket, type: event.type, agent, events })
  }
  return counts.values()
}
