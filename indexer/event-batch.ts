import type { LineParts } from '../src/event/line-parts.js'
import type { TimestampMicros } from '../src/event/timestamp.js'
import { NO_TEXT, NUMBER, NUMBERS, type PackedEvents, TEXT, TEXTS } from './packed-events.js'

/** Packed events as they are read, each by its index. */
export class EventBatch {
  readonly size: number
  readonly agents: readonly string[]
  readonly kinds: readonly string[]
  readonly #packed: PackedEvents

  constructor(packed: PackedEvents) {
    this.#packed = packed
    this.size = packed.numbers.length / NUMBERS
    this.agents = packed.agents
    this.kinds = packed.kinds
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

  type(index: number): number {
    return this.#number(index, NUMBER.type)
  }

  shape(index: number): number {
    return this.#number(index, NUMBER.shape)
  }

  /** A place in `agents`, or {@link NO_WORD}. */
  agent(index: number): number {
    return this.#number(index, NUMBER.agent)
  }

  /** A place in `kinds`, or {@link NO_WORD}. */
  kind(index: number): number {
    return this.#number(index, NUMBER.kind)
  }

  eventId(index: number): string {
    return this.#text(index, TEXT.eventId) ?? ''
  }

  causedBy(index: number): string | null {
    return this.#text(index, TEXT.causedBy)
  }

  description(index: number): string | null {
    return this.#text(index, TEXT.description)
  }

  details(index: number): string | null {
    return this.#text(index, TEXT.details)
  }

  raw(index: number): string | null {
    return this.#text(index, TEXT.raw)
  }

  /** What the line of an event is spelled from. */
  parts(index: number): LineParts {
    return {
      eventId: this.eventId(index),
      timestamp: this.timestamp(index),
      turn: this.turn(index),
      type: this.type(index),
      agentId: this.agents[this.agent(index)] ?? null,
      kind: this.kinds[this.kind(index)] ?? null,
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

  #text(index: number, column: number): string | null {
    const { spans, text } = this.#packed
    const at = (index * TEXTS + column) * 2
    const start = spans[at] ?? NO_TEXT
    return start === NO_TEXT ? null : text.substring(start, spans[at + 1] ?? start)
  }
}
