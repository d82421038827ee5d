import type { EventId } from './event-id.js'
import type { TimestampMicros } from './timestamp.js'

/** What the order of events is made of. */
export interface EventPosition {
  readonly timestamp: TimestampMicros
  readonly eventId: EventId
}

/** The one order of events: by instant, then by id. */
export function compareEvents(a: EventPosition, b: EventPosition): number {
  return a.timestamp - b.timestamp || compareEventIds(a.eventId, b.eventId)
}

const SURROGATE = /[\ud800-\udfff]/

/**
 * Compares ids by their UTF-8 bytes, as SQLite does. JavaScript's own order
 * differs where a surrogate pair meets a character from U+E000 on.
 */
function compareEventIds(a: EventId, b: EventId): number {
  if (a === b) return 0
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : 1
}
