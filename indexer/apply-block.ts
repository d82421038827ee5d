import { encodeLine } from '../src/event/event-line.js'
import { isSameJson } from '../src/event/json-equality.js'
import { compareSegmentNames } from '../src/segment/segment-name.js'
import { EventBatch } from './event-batch.js'
import { type InsertedEvents, NOT_INSERTED } from './inserted-events.js'
import type { PreparedBlock, Reject } from './prepare-block.js'
import type { SidecarWriter } from './sidecar-writer.js'

/** Where a block comes from. */
export interface BlockOrigin {
  readonly simulation: { readonly id: number; readonly name: string }
  readonly segment: { readonly id: number; readonly name: string }
}

/** What a block added. */
export interface BlockResult {
  readonly inserted: InsertedEvents
  readonly rejects: number
  readonly duplicates: number
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
  source: BlockOrigin,
  block: PreparedBlock,
): BlockResult {
  const { simulation, segment } = source
  const place = { simulation: simulation.id, segment: segment.id }
  const inserted = writer.insertEvents(place, new EventBatch(block.events))
  const { rejects, duplicates } = judgeCopies(writer, source, inserted, block)
  for (const reject of [...block.rejects, ...rejects].sort((a, b) => a.offset - b.offset)) {
    writer.insertReject(simulation.id, segment.id, reject, reject.reason)
  }
  linkCauses(writer, simulation.id, inserted, block)
  writer.order.insert(simulation.id, inserted.inOrder())
  return { inserted, rejects: block.rejects.length + rejects.length, duplicates }
}

/** Holds every copy that did not get a row against the one that counts. */
function judgeCopies(
  writer: SidecarWriter,
  source: BlockOrigin,
  inserted: InsertedEvents,
  { furtherCopies }: PreparedBlock,
): { rejects: Reject[]; duplicates: number } {
  const { batch } = inserted
  const lineOf = (index: number): string => encodeLine(batch.parts(index), source.simulation.name)
  const copies = [
    ...inserted.skipped.map((of) => ({
      of,
      offset: batch.offset(of),
      length: batch.length(of),
      text: lineOf(of),
    })),
    ...furtherCopies,
  ]
  const rejects: Reject[] = []
  let duplicates = 0
  for (const { of, offset, length, text } of copies) {
    const eventId = batch.eventId(of)
    const counted =
      inserted.rows[of] === NOT_INSERTED ? findCounted(writer, source, eventId, offset) : lineOf(of)
    if (isSameJson(counted, text)) duplicates++
    else rejects.push({ offset, length, reason: conflict({ eventId }) })
  }
  return { rejects, duplicates }
}

/**
 * The line of the copy that counts, of an event that is indexed already.
 *
 * @param offset where the copy at hand stands
 * @throws LaterCopyIndexedError when that copy stands behind this one
 */
function findCounted(
  writer: SidecarWriter,
  source: BlockOrigin,
  eventId: string,
  offset: number,
): string {
  const { simulation, segment } = source
  const indexed = writer.readCopy(simulation, eventId)
  if (indexed === undefined) throw new Error(`event ${eventId} is and is not indexed`)
  const standsBefore =
    indexed.segment === segment.id
      ? indexed.offset < offset
      : compareSegmentNames(indexed.segmentName, segment.name) < 0
  if (!standsBefore) throw new LaterCopyIndexedError()
  return indexed.line
}

/** Why a differing copy is a reject. Without the other's place: a segment's name changes when it is sealed. */
export function conflict({ eventId }: { readonly eventId: string }): string {
  return `event_id ${eventId} stands already before this line, with other content`
}

function linkCauses(
  writer: SidecarWriter,
  simulation: number,
  inserted: InsertedEvents,
  { links, outsideCauses }: PreparedBlock,
): void {
  const found = new Map<string, number | undefined>()
  const find = (eventId: string): number | undefined => {
    if (!found.has(eventId)) found.set(eventId, writer.findEvent(simulation, eventId))
    return found.get(eventId)
  }
  const edges: number[] = []
  for (let at = 0; at < links.length; at += 2) {
    const cause = links[at] ?? 0
    const effect = inserted.row(links[at + 1] ?? 0)
    if (effect === NOT_INSERTED) continue
    edges.push(inserted.row(cause) || (find(inserted.batch.eventId(cause)) ?? 0), effect)
  }
  for (const { cause, effect: index } of outsideCauses) {
    const effect = inserted.row(index)
    if (effect === NOT_INSERTED) continue
    const row = find(cause)
    if (row === undefined) writer.insertDangling(simulation, cause, effect)
    else edges.push(row, effect)
  }
  writer.insertEdges(edges)
}
