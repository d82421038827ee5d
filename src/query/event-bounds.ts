import type { EventPosition } from '../event/event-order.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { EventFilter } from './event-filter.js'
import type { Column, PlacedSpan, RunOrder, Span } from './run-order.js'

/** The bounds a filter sets to a run: those of time as numbers of its events, and those of turns. */
export class EventBounds {
  readonly turnStart: number
  readonly turnEnd: number
  /** The number of the first event within the bounds of time, and the one behind the last. */
  readonly #from: number
  readonly #until: number

  private constructor({ turnStart, turnEnd }: EventFilter, from: number, until: number) {
    this.turnStart = turnStart ?? 0
    this.turnEnd = turnEnd ?? Infinity
    this.#from = from
    this.#until = until
  }

  static async of(order: RunOrder, filter: EventFilter): Promise<EventBounds> {
    const { startTimestamp, endTimestamp } = filter
    const from = startTimestamp === undefined ? 0 : await order.countBefore(instant(startTimestamp))
    const until =
      endTimestamp === undefined
        ? order.events
        : await order.countBefore(instant((endTimestamp + 1) as TimestampMicros))
    return new EventBounds(filter, from, until)
  }

  /** Whether no event of a span lies within. */
  isOutside({ start, events, firstTurn, lastTurn }: PlacedSpan): boolean {
    return (
      start >= this.#until ||
      start + events <= this.#from ||
      lastTurn < this.turnStart ||
      firstTurn > this.turnEnd
    )
  }

  /** Whether all events of a span do. */
  isInside(span: PlacedSpan): boolean {
    const { start, events } = span
    return start >= this.#from && start + events <= this.#until && this.isInTurns(span)
  }

  /** Whether the bounds of turns cut nothing off a span. */
  isInTurns({ firstTurn, lastTurn }: Span): boolean {
    return firstTurn >= this.turnStart && lastTurn <= this.turnEnd
  }

  /**
   * Where the events of a leaf that lie within stand in it, in order.
   *
   * @param turns of its events; may be left out where the leaf {@link isInTurns}
   */
  placesIn(leaf: PlacedSpan, turns: Column | undefined): Uint16Array {
    const first = Math.max(0, this.#from - leaf.start)
    const end = Math.min(leaf.events, this.#until - leaf.start)
    const places = new Uint16Array(leaf.events)
    let found = 0
    for (let at = first; at < end; at++) {
      const turn = turns?.[at] ?? this.turnStart
      if (turn >= this.turnStart && turn <= this.turnEnd) places[found++] = at
    }
    return places.subarray(0, found)
  }
}

/** Before every event at this instant. */
function instant(timestamp: TimestampMicros): EventPosition {
  return { timestamp, eventId: '' }
}
