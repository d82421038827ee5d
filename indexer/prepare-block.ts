import { CanonicalLines } from '../src/event/canonical-lines.js'
import { decodeAnyLine } from '../src/event/event-line.js'
import { type Line, type LineBlock, lineText } from '../src/segment/block-reader.js'
import { type ByteKeys, NOT_FOUND } from './byte-keys.js'
import { EventPacker, type LinePlace } from './event-packer.js'
import type { PackedEvents } from './packed-events.js'
import { TextArena } from './text-arena.js'

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

/** Decodes a block and sorts it out; its bytes become those of the events. */
export function prepareBlock(block: LineBlock, simulationName: string): PreparedBlock {
  const { bytes, used, lines, end, prefixCrc } = block
  const arena = new TextArena(bytes, used)
  const canonical = new CanonicalLines(bytes, simulationName)
  const packer = new EventPacker(arena, lines.length)
  const causes = new NamedCauses(arena)
  const rejects: Reject[] = []
  const copies: FurtherCopy[] = []
  const add = (line: Line, of: number): void => {
    if (of !== NOT_FOUND) copies.push({ of, ...placeOf(line), text: lineText(block, line) })
  }
  for (const line of lines) {
    const effect = packer.size
    if (line.problem !== undefined) rejects.push({ ...placeOf(line), reason: line.problem })
    else if (canonical.find(line.start, line.end)) {
      add(line, packer.addStanding(line, canonical))
      if (packer.size > effect) causes.addStanding(effect, canonical)
    } else {
      const event = decodeAnyLine(lineText(block, line), simulationName)
      if ('problem' in event) rejects.push({ ...placeOf(line), reason: event.problem })
      else {
        add(line, packer.add(line, event))
        if (packer.size > effect) causes.add(effect, event.causes)
      }
    }
  }
  const { events, indexes } = packer.finish()
  const indexOf = (added: number): number => indexes?.[added] ?? added
  return {
    end,
    prefixCrc,
    events,
    furtherCopies: copies.map((copy) => ({ ...copy, of: indexOf(copy.of) })),
    rejects,
    ...causes.link(packer.ids, indexOf),
  }
}

function placeOf({ offset, length }: Line): LinePlace {
  return { offset, length }
}

/** The parts of a prepared block that can be handed over instead of copied. */
export function transferables({ events, links }: PreparedBlock): ArrayBuffer[] {
  return [events.numbers.buffer, events.spans.buffer, events.bytes.buffer, links.buffer]
}

/** The causes that events name, as they are named. */
class NamedCauses {
  readonly #arena: TextArena
  readonly #spans: number[] = []
  readonly #effects: number[] = []

  constructor(arena: TextArena) {
    this.#arena = arena
  }

  add(effect: number, causes: readonly string[]): void {
    for (const cause of causes) {
      const { start, end } = this.#arena.write(cause)
      this.#spans.push(start, end)
      this.#effects.push(effect)
    }
  }

  /** The causes of the line that was found last; one that it names twice is one link all the same. */
  addStanding(effect: number, { causes, causeSpans }: CanonicalLines): void {
    for (let cause = 0; cause < causes; cause++) {
      this.#spans.push(causeSpans[cause * 2] ?? 0, causeSpans[cause * 2 + 1] ?? 0)
      this.#effects.push(effect)
    }
  }

  /** Finds those that are among the ids of events. */
  link(
    ids: ByteKeys,
    indexOf: (added: number) => number,
  ): Pick<PreparedBlock, 'links' | 'outsideCauses'> {
    const links = new Int32Array(this.#effects.length * 2)
    let length = 0
    const outsideCauses: OutsideCause[] = []
    for (const [at, added] of this.#effects.entries()) {
      const effect = indexOf(added)
      const start = this.#spans[at * 2] ?? 0
      const end = this.#spans[at * 2 + 1] ?? 0
      const cause = ids.find(start, end)
      if (cause === NOT_FOUND) {
        outsideCauses.push({ cause: this.#arena.bytes.toString('utf8', start, end), effect })
      } else {
        links[length++] = indexOf(cause)
        links[length++] = effect
      }
    }
    return { links: links.subarray(0, length), outsideCauses }
  }
}
