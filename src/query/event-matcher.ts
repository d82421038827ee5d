import { type EventTypeCode, eventTypeCode, spellingsOf } from '../event/event-type.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { EventFilter } from './event-filter.js'

/** What of an event a filter looks at. */
export interface MatchedEvent {
  readonly timestamp: TimestampMicros
  readonly turn: number
  readonly type: EventTypeCode
  readonly agentId: string | null
  readonly kind: string | null
  readonly participants: readonly string[]
}

/** Tells of one event whether a filter matches it, as `listEvents` does of all of them. */
export function createMatcher(filter: EventFilter): (event: MatchedEvent) => boolean {
  const { startTimestamp, endTimestamp, turnStart, turnEnd } = filter
  const types =
    filter.eventTypes && new Set(filter.eventTypes.flatMap(spellingsOf).map(eventTypeCode))
  const agents = filter.agentIds && new Set(filter.agentIds)
  const kinds = filter.kinds && new Set(filter.kinds)
  const involved = filter.involving && new Set(filter.involving)
  return ({ timestamp, turn, type, agentId, kind, participants }) =>
    timestamp >= (startTimestamp ?? -Infinity) &&
    timestamp <= (endTimestamp ?? Infinity) &&
    turn >= (turnStart ?? 0) &&
    turn <= (turnEnd ?? Infinity) &&
    types?.has(type) !== false &&
    isAmong(agents, agentId) &&
    isAmong(kinds, kind) &&
    (isAmong(involved, agentId) || participants.some((name) => isAmong(involved, name)))
}

/** @param wanted undefined: any, and none at all */
function isAmong(wanted: ReadonlySet<string> | undefined, word: string | null): boolean {
  return wanted === undefined || (word !== null && wanted.has(word))
}
