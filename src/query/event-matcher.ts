import { type EventTypeCode, eventTypeCode, spellingsOf } from '../event/event-type.js'
import type { TimestampMicros } from '../event/timestamp.js'
import { matchTexts, type SearchedText } from '../sidecar/text-matcher.js'
import { type DetailsTest, passesTests } from './details-test.js'
import type { EventFilter } from './event-filter.js'
import { searchExpression } from './search-query.js'

/** What of an event a filter looks at. */
export interface MatchedEvent {
  readonly timestamp: TimestampMicros
  readonly turn: number
  readonly type: EventTypeCode
  readonly agentId: string | null
  readonly kind: string | null
  readonly participants: readonly string[]
  /** A JSON text. */
  readonly details: string | null
  /** There where a matcher says that it searches. */
  readonly searched: SearchedText | undefined
}

/** Tells of events whether a filter matches them, as `listEvents` does of all of them. */
export interface EventMatcher {
  /** Whether it looks at what is searched of an event. */
  readonly searches: boolean
  /** @returns whether it matches, for each of the events */
  readonly match: (events: readonly MatchedEvent[]) => readonly boolean[]
}

/**
 * An event is looked at as it is: whether the full-text index has it does not matter. Several
 * matchers that look at the same list of events one after the other share what it takes.
 */
export function createMatcher(filter: EventFilter): EventMatcher {
  const { search, details: tests } = filter
  const hasPlace = createPlaceTest(filter)
  const passesAt = (events: readonly MatchedEvent[]): boolean[] => {
    const passing = events.map(hasPlace)
    if (tests === undefined) return passing
    const looked = lookAt(events)
    return passing.map((passes, index) => passes && looked.passesTests(index, tests))
  }
  if (search === undefined) return { searches: false, match: passesAt }
  const expression = searchExpression(search)
  return {
    searches: true,
    match(events) {
      const passing = passesAt(events)
      if (!passing.includes(true)) return passing
      // Of all of them, though some do not pass: the next matcher asks of the same.
      const found = matchTexts(expression, lookAt(events).texts)
      return passing.map((passes, index) => passes && found[index] === true)
    },
  }
}

const NO_TEXT: SearchedText = { description: null, details: null }

/** What is made of events to match them. */
class LookedAt {
  readonly events: readonly MatchedEvent[]
  readonly #parsed: unknown[] = []
  #texts: readonly SearchedText[] | undefined

  constructor(events: readonly MatchedEvent[]) {
    this.events = events
  }

  get texts(): readonly SearchedText[] {
    this.#texts ??= this.events.map(({ searched }) => searched ?? NO_TEXT)
    return this.#texts
  }

  passesTests(index: number, tests: readonly DetailsTest[]): boolean {
    const details = this.events[index]?.details
    if (details === undefined || details === null) return false
    this.#parsed[index] ??= JSON.parse(details)
    return passesTests(details, tests, this.#parsed[index])
  }
}

/** Only the last: what is parsed takes far more room than its text. */
let last: LookedAt | undefined

function lookAt(events: readonly MatchedEvent[]): LookedAt {
  if (last?.events !== events) last = new LookedAt(events)
  return last
}

/** What can be told without looking at what an event says. */
function createPlaceTest(filter: EventFilter): (event: MatchedEvent) => boolean {
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
