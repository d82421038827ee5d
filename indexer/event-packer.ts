import type { CanonicalLines } from '../src/event/canonical-lines.js'
import type { ByteSpan, TextPart } from '../src/event/line-scanner.js'
import type { DecodedLine } from '../src/event/line-parts.js'
import { storedCausedBy, storedDetails } from '../src/event/stored-parts.js'
import { ByteKeys, NOT_FOUND } from './byte-keys.js'
import { CellNumbers } from './cell-numbers.js'
import { NO_TEXT, NUMBER, NUMBERS, type PackedEvents, TEXT, TEXTS } from './packed-events.js'
import { standingCausedBy } from './standing-causes.js'
import type { TextArena } from './text-arena.js'

/** Where a line stands in its segment. Bytes, `length` without the newline. */
export interface LinePlace {
  readonly offset: number
  readonly length: number
}

/** What of an event is a number and known at once. */
type Numbers = Pick<DecodedLine, 'timestamp' | 'turn' | 'shape'>

/**
 * Packs the events of a block in the form they are stored in. What stands in
 * the bytes of the block as it is stored is not copied: it is pointed at.
 */
export class EventPacker {
  /** The ids of the events, numbered as these are. */
  readonly ids: ByteKeys
  readonly #arena: TextArena
  readonly #numbers: Float64Array<ArrayBuffer>
  readonly #spans: Int32Array<ArrayBuffer>
  readonly #cells: CellNumbers
  #isInOrder = true

  /**
   * @param arena begins with the bytes of the block
   * @param most how many events there may be
   */
  constructor(arena: TextArena, most: number) {
    this.ids = new ByteKeys(arena, most)
    this.#arena = arena
    this.#numbers = new Float64Array(most * NUMBERS)
    this.#spans = new Int32Array(most * TEXTS * 2)
    this.#cells = new CellNumbers(arena, most)
  }

  /** How many events are packed. */
  get size(): number {
    return this.ids.size
  }

  /** @returns the index of a packed event that has this id already, else `NOT_FOUND`: it is packed */
  add(place: LinePlace, event: DecodedLine): number {
    const index = this.size
    const eventId = this.#arena.write(event.eventId)
    const known = this.ids.add(eventId.start, eventId.end)
    if (known !== NOT_FOUND) return known
    this.#putSpan(index, TEXT.eventId, eventId)
    this.#putText(index, TEXT.causedBy, storedCausedBy(event))
    this.#putText(index, TEXT.description, event.description)
    this.#putText(index, TEXT.details, storedDetails(event))
    this.#putText(index, TEXT.raw, event.raw)
    this.#putNumbers(index, place, event, this.#cells.numberOf(event))
    return NOT_FOUND
  }

  /** {@link add} for the line that was found last. */
  addStanding(place: LinePlace, line: CanonicalLines): number {
    const index = this.size
    const { eventId, details } = line
    const known = this.ids.add(eventId.start, eventId.end)
    if (known !== NOT_FOUND) return known
    this.#putSpan(index, TEXT.eventId, eventId)
    this.#putSpan(index, TEXT.causedBy, standingCausedBy(this.#arena, line))
    this.#putPart(index, TEXT.description, line.description)
    // What is stored of details is their end, from where the kind has ended.
    this.#put(index, TEXT.details, line.kindEnd || details.start || NO_TEXT, details.end)
    this.#put(index, TEXT.raw, NO_TEXT, NO_TEXT)
    this.#putNumbers(index, place, line, this.#cells.numberOfStanding(line))
    return NOT_FOUND
  }

  #putNumbers(index: number, place: LinePlace, event: Numbers, cell: number): void {
    const at = index * NUMBERS
    this.#numbers[at + NUMBER.offset] = place.offset
    this.#numbers[at + NUMBER.length] = place.length
    this.#numbers[at + NUMBER.timestamp] = event.timestamp
    this.#numbers[at + NUMBER.turn] = event.turn
    this.#numbers[at + NUMBER.shape] = event.shape
    this.#numbers[at + NUMBER.cell] = cell
    if (index > 0) this.#isInOrder &&= this.#compare(index - 1, index) < 0
  }

  #putPart(index: number, column: number, part: TextPart): void {
    if (part.isNull) this.#put(index, column, NO_TEXT, NO_TEXT)
    else if (part.unescaped === undefined) this.#putSpan(index, column, part)
    else this.#putText(index, column, part.unescaped)
  }

  #putText(index: number, column: number, text: string | null): void {
    if (text === null) this.#put(index, column, NO_TEXT, NO_TEXT)
    else this.#putSpan(index, column, this.#arena.write(text))
  }

  #putSpan(index: number, column: number, { start, end }: ByteSpan): void {
    this.#put(index, column, start, end)
  }

  #put(index: number, column: number, start: number, end: number): void {
    const at = (index * TEXTS + column) * 2
    this.#spans[at] = start
    this.#spans[at + 1] = end
  }

  /**
   * @returns the events in (timestamp, event_id) order, and, unless they were
   *   added in it, the index that each of them got
   */
  finish(): { readonly events: PackedEvents; readonly indexes: Int32Array | undefined } {
    const rest = { bytes: this.#arena.written(), cells: this.#cells.list }
    const numbers = this.#numbers.subarray(0, this.size * NUMBERS)
    const spans = this.#spans.subarray(0, this.size * TEXTS * 2)
    if (this.#isInOrder) return { events: { ...rest, numbers, spans }, indexes: undefined }
    const order = Array.from({ length: this.size }, (_, index) => index)
    order.sort((a, b) => this.#compare(a, b))
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

  /** The order of `compareEvents`, which is that of the bytes of ids. */
  #compare(a: number, b: number): number {
    const instant = NUMBER.timestamp
    const apart =
      (this.#numbers[a * NUMBERS + instant] ?? 0) - (this.#numbers[b * NUMBERS + instant] ?? 0)
    if (apart !== 0) return apart
    const { bytes } = this.#arena
    const first = (a * TEXTS + TEXT.eventId) * 2
    const second = (b * TEXTS + TEXT.eventId) * 2
    return bytes
      .subarray(this.#spans[first], this.#spans[first + 1])
      .compare(bytes.subarray(this.#spans[second], this.#spans[second + 1]))
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
