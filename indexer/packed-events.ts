import type { EventTypeCode } from '../src/event/event-type.js'

/**
 * Events column by column: few and large things instead of many small ones,
 * so that they cost next to nothing on the way from one thread to another.
 */
export interface PackedEvents {
  /** {@link NUMBERS} numbers for each event. */
  readonly numbers: Float64Array<ArrayBuffer>
  /** Wherein the texts of all events stand, in UTF-8. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where each of the {@link TEXTS} of each event starts in them, or {@link NO_TEXT}, and where it ends. */
  readonly spans: Int32Array<ArrayBuffer>
  /** What the numbers of the cells stand for. */
  readonly cells: readonly PackedCell[]
}

/** A cell in words; see `EventCell`. */
export interface PackedCell {
  readonly type: EventTypeCode
  readonly agent: string | null
  readonly kind: string | null
  /** Sorted, each once. */
  readonly participants: readonly string[]
}

/** Which number of an event is what. */
export const NUMBER = {
  offset: 0,
  length: 1,
  timestamp: 2,
  turn: 3,
  shape: 4,
  cell: 5,
} as const

/** How many there are. */
export const NUMBERS = 6

/** Which text of an event is what. */
export const TEXT = {
  eventId: 0,
  causedBy: 1,
  description: 2,
  details: 3,
  raw: 4,
} as const

/** How many there are. */
export const TEXTS = 5

/** Stands for a text that is null. */
export const NO_TEXT = -1
