import { isAscii } from 'node:buffer'
import type { LineParts } from '../src/event/line-parts.js'
import type { TimestampMicros } from '../src/event/timestamp.js'
import {
  type PackedCell,
  NO_TEXT,
  NUMBER,
  NUMBERS,
  type PackedEvents,
  TEXT,
  TEXTS,
} from './packed-events.js'

/** Packed events as they are read, each by its index. */
export class EventBatch {
  readonly size: number
  /** What the numbers of the cells stand for. */
  readonly cells: readonly PackedCell[]
  readonly #packed: PackedEvents
  readonly #bytes: Buffer
  /** All texts as one, where each of its characters is a byte: cutting a string is cheap. */
  readonly #text: string | undefined

  constructor(packed: PackedEvents) {
    this.#packed = packed
    const { buffer, byteOffset, length } = packed.bytes
    this.#bytes = Buffer.from(buffer, byteOffset, length)
    this.#text = isAscii(this.#bytes) ? this.#bytes.toString('latin1') : undefined
    this.size = packed.numbers.length / NUMBERS
    this.cells = packed.cells
  }

  offset(index: number): number {
    return this.#number(index, NUMBER.offset)
  }

  length(index: number): number {
    return this.#number(index, NUMBER.length)
  }

  timestamp(index: number): TimestampMicros {
    return this.#number(index, NUMBER.timestamp) as TimestampMicros
  }

  turn(index: number): number {
    return this.#number(index, NUMBER.turn)
  }

  shape(index: number): number {
    return this.#number(index, NUMBER.shape)
  }

  /** A place in `cells`. */
  cell(index: number): number {
    return this.#number(index, NUMBER.cell)
  }

  eventId(index: number): string {
    return this.#textOf(index, TEXT.eventId) ?? ''
  }

  causedBy(index: number): string | null {
    return this.#textOf(index, TEXT.causedBy)
  }

  description(index: number): string | null {
    return this.#textOf(index, TEXT.description)
  }

  details(index: number): string | null {
    return this.#textOf(index, TEXT.details)
  }

  raw(index: number): string | null {
    return this.#textOf(index, TEXT.raw)
  }

  /**
   * What the line of an event is spelled from.
   *
   * @throws RangeError when there is no such event
   */
  parts(index: number): LineParts {
    const words = this.cells[this.cell(index)]
    if (index >= this.size || words === undefined) throw new RangeError(`no event is at ${index}`)
    return {
      eventId: this.eventId(index),
      timestamp: this.timestamp(index),
      turn: this.turn(index),
      type: words.type,
      agentId: words.agent,
      kind: words.kind,
      causedBy: this.causedBy(index),
      description: this.description(index),
      details: this.details(index),
      shape: this.shape(index),
      raw: this.raw(index),
    }
  }

  #number(index: number, column: number): number {
    return this.#packed.numbers[index * NUMBERS + column] ?? 0
  }

  #textOf(index: number, column: number): string | null {
    const { spans } = this.#packed
    const at = (index * TEXTS + column) * 2
    const start = spans[at] ?? NO_TEXT
    if (start === NO_TEXT) return null
    const end = spans[at + 1] ?? start
    return this.#text?.substring(start, end) ?? this.#bytes.toString('utf8', start, end)
  }
}
