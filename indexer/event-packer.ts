import { type CanonicalLines, NOWHERE } from '../src/event/canonical-lines.js'
import { compareEvents } from '../src/event/event-order.js'
import type { DecodedLine } from '../src/event/line-parts.js'
import { storedCausedBy, storedDetails } from '../src/event/stored-parts.js'
import type { TimestampMicros } from '../src/event/timestamp.js'
import { CellNumbers } from './cell-numbers.js'
import { NO_TEXT, NUMBER, NUMBERS, type PackedEvents, TEXT, TEXTS } from './packed-events.js'

/** Where a line stands in its segment. Bytes, `length` without the newline. */
export interface LinePlace {
  readonly offset: number
  readonly length: number
}

/**
 * Packs the events of a block in the form they are stored in. What stands in
 * the text of the block as it is stored is not copied: it is pointed at.
 */
export class EventPacker {
  readonly #text: string
  readonly #added: string[] = []
  #end: number
  readonly #numbers: Float64Array<ArrayBuffer>
  readonly #spans: Int32Array<ArrayBuffer>
  readonly #eventIds: string[] = []
  readonly #cells = new CellNumbers()
  #last: DecodedLine | undefined
  #isInOrder = true

  /**
   * @param text what the block says
   * @param most how many events there may be
   */
  constructor(text: string, most: number) {
    this.#text = text
    this.#end = text.length
    this.#numbers = new Float64Array(most * NUMBERS)
    this.#spans = new Int32Array(most * TEXTS * 2)
  }

  /** How many events are packed. */
  get size(): number {
    return this.#eventIds.length
  }

  /** @param standing tells where the parts of the event stand in the text, unless they do not */
  add(place: LinePlace, event: DecodedLine, standing: CanonicalLines | undefined): void {
    const at = this.size * NUMBERS
    this.#numbers[at + NUMBER.offset] = place.offset
    this.#numbers[at + NUMBER.length] = place.length
    this.#numbers[at + NUMBER.timestamp] = event.timestamp
    this.#numbers[at + NUMBER.turn] = event.turn
    this.#numbers[at + NUMBER.shape] = event.shape
    this.#numbers[at + NUMBER.cell] = this.#cells.numberOf(event)
    this.#put(TEXT.eventId, event.eventId, standing?.eventIdAt)
    this.#put(TEXT.causedBy, storedCausedBy(event))
    this.#put(TEXT.description, event.description, standing?.descriptionAt)
    this.#putDetails(event, standing?.detailsAt)
    this.#put(TEXT.raw, event.raw)
    this.#isInOrder &&= this.#last === undefined || compareEvents(this.#last, event) < 0
    this.#last = event
    this.#eventIds.push(event.eventId)
  }

  /** What is stored of details is their end. */
  #putDetails(event: DecodedLine, at: number = NOWHERE): void {
    const stored = storedDetails(event)
    const cut = (event.details?.length ?? 0) - (stored?.length ?? 0)
    this.#put(TEXT.details, stored, at === NOWHERE ? NOWHERE : at + cut)
  }

  #put(column: number, text: string | null, standsAt: number = NOWHERE): void {
    const at = (this.size * TEXTS + column) * 2
    let start = standsAt
    if (text === null) start = NO_TEXT
    else if (standsAt === NOWHERE) {
      start = this.#end
      this.#end += text.length
      this.#added.push(text)
    }
    this.#spans[at] = start
    this.#spans[at + 1] = start + (text?.length ?? 0)
  }

  /**
   * @returns the events in (timestamp, event_id) order, and, unless they were
   *   added in it, the index that each of them got
   */
  finish(): { readonly events: PackedEvents; readonly indexes: Int32Array | undefined } {
    const order = this.#isInOrder ? undefined : this.#order()
    const rest = { text: this.#text + this.#added.join(''), cells: this.#cells.list }
    const numbers = this.#numbers.subarray(0, this.size * NUMBERS)
    const spans = this.#spans.subarray(0, this.size * TEXTS * 2)
    if (order === undefined) return { events: { ...rest, numbers, spans }, indexes: undefined }
    const indexes = new Int32Array(this.size)
    const sortedNumbers = new Float64Array(numbers.length)
    const sortedSpans = new Int32Array(spans.length)
    for (const [index, added] of order.entries()) {
      indexes[added] = index
      copyRow(numbers, added, sortedNumbers, index, NUMBERS)
      copyRow(spans, added, sortedSpans, index, TEXTS * 2)
    }
    return { events: { ...rest, numbers: sortedNumbers, spans: sortedSpans }, indexes }
  }

  #order(): number[] {
    const positions = this.#eventIds.map((eventId, index) => ({
      index,
      eventId,
      timestamp: this.#numbers[index * NUMBERS + NUMBER.timestamp] as TimestampMicros,
    }))
    return positions.sort(compareEvents).map(({ index }) => index)
  }
}

function copyRow<Columns extends Float64Array | Int32Array>(
  from: Columns,
  fromRow: number,
  to: Columns,
  toRow: number,
  width: number,
): void {
  to.set(from.subarray(fromRow * width, (fromRow + 1) * width), toRow * width)
}
