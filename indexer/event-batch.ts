import type { DecodedLine, LineParts } from '../src/event/line-parts.js'
import { storedCausedBy, storedDetails } from '../src/event/stored-parts.js'
import type { TimestampMicros } from '../src/event/timestamp.js'

/** An event and its place in a segment. */
export interface PlacedEvent {
  /** Bytes from the start of the segment. */
  readonly offset: number
  /** Bytes, without the newline. */
  readonly length: number
  readonly event: DecodedLine
}

/**
 * Events column by column: few and large things instead of many small ones,
 * so that they cost next to nothing on the way from one thread to another.
 */
export interface PackedEvents {
  /** {@link NUMBERS} numbers for each event. */
  readonly numbers: Float64Array<ArrayBuffer>
  /** The texts of all events, one behind the other. */
  readonly text: string
  /** Where each of the {@link TEXTS} of each event ends in `text`; the complement of it where it is null. */
  readonly ends: Int32Array<ArrayBuffer>
  /** The agents and kinds that the numbers stand for. */
  readonly agents: readonly string[]
  readonly kinds: readonly string[]
}

const OFFSET = 0
const LENGTH = 1
const TIMESTAMP = 2
const TURN = 3
const TYPE = 4
const SHAPE = 5
const AGENT = 6
const KIND = 7
const NUMBERS = 8

const EVENT_ID = 0
const CAUSED_BY = 1
const DESCRIPTION = 2
const DETAILS = 3
const RAW = 4
const TEXTS = 5

/** Stands for no agent and no kind. */
export const NO_WORD = -1

/** Packs events, in the order given and in the form they are stored in. */
export function packEvents(events: readonly PlacedEvent[]): PackedEvents {
  const numbers = new Float64Array(events.length * NUMBERS)
  const ends = new Int32Array(events.length * TEXTS)
  const agents = new Words()
  const kinds = new Words()
  const texts: string[] = []
  let end = 0
  for (const [index, { offset, length, event }] of events.entries()) {
    const at = index * NUMBERS
    numbers[at + OFFSET] = offset
    numbers[at + LENGTH] = length
    numbers[at + TIMESTAMP] = event.timestamp
    numbers[at + TURN] = event.turn
    numbers[at + TYPE] = event.type
    numbers[at + SHAPE] = event.shape
    numbers[at + AGENT] = agents.numberOf(event.agentId)
    numbers[at + KIND] = kinds.numberOf(event.kind)
    const put = (column: number, text: string | null): void => {
      if (text !== null) {
        texts.push(text)
        end += text.length
      }
      ends[index * TEXTS + column] = text === null ? ~end : end
    }
    put(EVENT_ID, event.eventId)
    put(CAUSED_BY, storedCausedBy(event))
    put(DESCRIPTION, event.description)
    put(DETAILS, storedDetails(event))
    put(RAW, event.raw)
  }
  return { numbers, text: texts.join(''), ends, agents: agents.list, kinds: kinds.list }
}

/** Numbers words in the order they come up. */
class Words {
  readonly list: string[] = []
  readonly #numbers = new Map<string, number>()

  numberOf(word: string | null): number {
    if (word === null) return NO_WORD
    let number = this.#numbers.get(word)
    if (number === undefined) {
      number = this.list.push(word) - 1
      this.#numbers.set(word, number)
    }
    return number
  }
}

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
    return this.#number(index, OFFSET)
  }

  length(index: number): number {
    return this.#number(index, LENGTH)
  }

  timestamp(index: number): TimestampMicros {
    return this.#number(index, TIMESTAMP) as TimestampMicros
  }

  turn(index: number): number {
    return this.#number(index, TURN)
  }

  type(index: number): number {
    return this.#number(index, TYPE)
  }

  shape(index: number): number {
    return this.#number(index, SHAPE)
  }

  /** A place in `agents`, or {@link NO_WORD}. */
  agent(index: number): number {
    return this.#number(index, AGENT)
  }

  /** A place in `kinds`, or {@link NO_WORD}. */
  kind(index: number): number {
    return this.#number(index, KIND)
  }

  eventId(index: number): string {
    return this.#text(index, EVENT_ID) ?? ''
  }

  causedBy(index: number): string | null {
    return this.#text(index, CAUSED_BY)
  }

  description(index: number): string | null {
    return this.#text(index, DESCRIPTION)
  }

  details(index: number): string | null {
    return this.#text(index, DETAILS)
  }

  raw(index: number): string | null {
    return this.#text(index, RAW)
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
    const { ends, text } = this.#packed
    const at = index * TEXTS + column
    const end = ends[at] ?? 0
    if (end < 0) return null
    const before = ends[at - 1] ?? 0
    return text.substring(before < 0 ? ~before : before, end)
  }
}
