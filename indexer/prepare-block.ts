import { decodeLine } from '../src/event/event-line.js'
import { compareEvents } from '../src/event/event-order.js'
import type { Line, LineBlock } from '../src/segment/block-reader.js'
import { type PackedEvents, packEvents, type PlacedEvent } from './event-batch.js'

/** A complete line that is no event. */
export interface Reject {
  readonly offset: number
  readonly length: number
  readonly reason: string
}

/** A further copy of an event that stands in the block before. */
export interface FurtherCopy {
  /** The index of the event. */
  readonly of: number
  readonly offset: number
  readonly length: number
  readonly text: string
}

/** A cause that is no event of the block. */
export interface OutsideCause {
  readonly cause: string
  /** The index of the event that names it. */
  readonly effect: number
}

/** A block of lines, decoded and sorted out: all that can be told of it without the sidecar. */
export interface PreparedBlock {
  /** Where the first unread line starts. */
  readonly end: number
  /** CRC-32 of every byte of the segment before `end`. */
  readonly prefixCrc: number
  /** The first copy of each event, in (timestamp, event_id) order. */
  readonly events: PackedEvents
  readonly furtherCopies: readonly FurtherCopy[]
  readonly rejects: readonly Reject[]
  /** Pairs of indexes: the cause, then the effect. */
  readonly links: Int32Array<ArrayBuffer>
  readonly outsideCauses: readonly OutsideCause[]
}

/** Decodes a block and sorts it out. */
export function prepareBlock(block: LineBlock, simulationName: string): PreparedBlock {
  const { copies, rejects } = sortOut(block.lines, simulationName)
  copies.sort(byFirstCopy)
  return {
    end: block.end,
    prefixCrc: block.prefixCrc,
    events: packEvents(copies.map(([first]) => first)),
    furtherCopies: copies.flatMap(([, ...others], of) =>
      others.map(({ offset, length, text }) => ({ of, offset, length, text })),
    ),
    rejects,
    ...linkCauses(copies),
  }
}

/** The parts of a prepared block that can be handed over instead of copied. */
export function transferables({ events, links }: PreparedBlock): ArrayBuffer[] {
  return [events.numbers.buffer, events.ends.buffer, links.buffer]
}

interface Copy extends PlacedEvent {
  readonly text: string
}

/** The copies of one event in a block, in the order of the file. */
type Copies = [first: Copy, ...others: Copy[]]

/** Tells events from rejects and puts the copies of each event together. */
function sortOut(
  lines: readonly Line[],
  simulationName: string,
): { copies: Copies[]; rejects: Reject[] } {
  const copies = new Map<string, Copies>()
  const rejects: Reject[] = []
  for (const { offset, length, content } of lines) {
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

function linkCauses(copies: readonly Copies[]): Pick<PreparedBlock, 'links' | 'outsideCauses'> {
  const indexes = new Map(copies.map(([{ event }], index) => [event.eventId, index]))
  const links: number[] = []
  const outsideCauses: OutsideCause[] = []
  for (const [effect, [{ event }]] of copies.entries()) {
    for (const cause of event.causes) {
      const index = indexes.get(cause)
      if (index === undefined) outsideCauses.push({ cause, effect })
      else links.push(index, effect)
    }
  }
  return { links: Int32Array.from(links), outsideCauses }
}
