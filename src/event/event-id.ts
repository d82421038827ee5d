import { monotonicFactory } from 'ulid'
import type { TimestampMicros } from './timestamp.js'

/** Identifies an event within its simulation; turnlog writes ULIDs (https://github.com/ulid/spec). */
export type EventId = string

/** Makes ids that sort in the order they were made, within one process. */
export type EventIdSource = (at: TimestampMicros) => EventId

/** A source of monotonic ULIDs: 26 characters of Crockford base32, the time in the first ten. */
export function createEventIdSource(): EventIdSource {
  const next = monotonicFactory()
  return (at) => next(Math.floor(at / 1000))
}
