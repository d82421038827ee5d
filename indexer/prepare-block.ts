import { CanonicalLines } from '../src/event/canonical-lines.js'
import { decodeAnyLine } from '../src/event/event-line.js'
import type { LineBlock } from '../src/segment/block-reader.js'
import { EventPacker } from './event-packer.js'
import type { PackedEvents } from './packed-events.js'

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
  const { text, end, prefixCrc } = block
  const canonical = new CanonicalLines(text, simulationName)
  const packer = new EventPacker(text, block.lines.length)
  const known = new Map<string, number>()
  const causes = new NamedCauses()
  const rejects: Reject[] = []
  const copies: FurtherCopy[] = []
  for (const { offset, length, content } of block.lines) {
    if ('problem' in content) {
      rejects.push({ offset, length, reason: content.problem })
      continue
    }
    const quick = canonical.decode(content.start, content.end)
    const event = quick ?? decodeAnyLine(text.slice(content.start, content.end), simulationName)
    if ('problem' in event) {
      rejects.push({ offset, length, reason: event.problem })
      continue
    }
    const of = known.get(event.eventId)
    if (of !== undefined) {
      copies.push({ of, offset, length, text: text.slice(content.start, content.end) })
      continue
    }
    known.set(event.eventId, packer.size)
    causes.add(packer.size, event.causes)
    packer.add({ offset, length }, event, quick && canonical)
  }
  const { events, indexes } = packer.finish()
  const indexOf = (added: number): number => indexes?.[added] ?? added
  return {
    end,
    prefixCrc,
    events,
    furtherCopies: copies.map((copy) => ({ ...copy, of: indexOf(copy.of) })),
    rejects,
    ...causes.link(known, indexOf),
  }
}

/** The parts of a prepared block that can be handed over instead of copied. */
export function transferables({ events, links }: PreparedBlock): ArrayBuffer[] {
  return [events.numbers.buffer, events.spans.buffer, links.buffer]
}

/** The causes that events name, as they are named. */
class NamedCauses {
  readonly #causes: string[] = []
  readonly #effects: number[] = []

  add(effect: number, causes: readonly string[]): void {
    for (const cause of causes) {
      this.#causes.push(cause)
      this.#effects.push(effect)
    }
  }

  /** Finds those that are `known`. */
  link(
    known: ReadonlyMap<string, number>,
    indexOf: (added: number) => number,
  ): Pick<PreparedBlock, 'links' | 'outsideCauses'> {
    const links = new Int32Array(this.#causes.length * 2)
    let length = 0
    const outsideCauses: OutsideCause[] = []
    for (const [at, cause] of this.#causes.entries()) {
      const effect = indexOf(this.#effects[at] ?? 0)
      const added = known.get(cause)
      if (added === undefined) outsideCauses.push({ cause, effect })
      else {
        links[length++] = indexOf(added)
        links[length++] = effect
      }
    }
    return { links: links.subarray(0, length), outsideCauses }
  }
}
