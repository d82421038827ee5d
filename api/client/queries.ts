import type { RecordedEventType } from '../../src/event/event-type.js'

/** An instant: a `Date`, or ISO 8601 text, which can name microseconds. */
export type Instant = Date | string

/**
 * Which events; an event must pass all that are given. The names are those of the API's
 * parameters, and mean what docs/api.md says of them.
 */
export interface EventFilter {
  readonly start_timestamp?: Instant | undefined
  readonly end_timestamp?: Instant | undefined
  readonly turn_start?: number | undefined
  readonly turn_end?: number | undefined
  readonly event_types?: readonly RecordedEventType[] | undefined
  readonly agent_ids?: readonly string[] | undefined
  readonly kinds?: readonly string[] | undefined
  readonly involving?: readonly string[] | undefined
  /** Words that are all in their description or details; `"two words"`, `begin*`, `-without`. */
  readonly q?: string | undefined
  /** The value at a place of the details: `{ 'details.action_payload.good': 'grain' }`. */
  readonly [path: `details.${string}`]: string | number | boolean | null | undefined
}

/** Which events, in which order. */
export interface EventsQuery extends EventFilter {
  /** By (timestamp, event_id): the earliest first, unless it is `desc`. */
  readonly order?: 'asc' | 'desc' | undefined
  /** Events on a page, from 1 to 10000; of a stream, events in all. */
  readonly limit?: number | undefined
  /** Matching events to leave out first; not together with a cursor. */
  readonly offset?: number | undefined
  /** Where to go on: `next_cursor` of the page before. */
  readonly cursor?: string | undefined
  /** Whether to count what matches; `total` is null when it is `none`. Only pages have one. */
  readonly count?: 'exact' | 'none' | undefined
}

/** Keys that the events of an answer are to have; the others are left out. */
export interface Fields {
  readonly fields: readonly string[]
}

/** How events are counted. */
export interface HistogramQuery extends EventFilter {
  readonly by?: 'turn' | 'time' | undefined
  /** How many buckets at the most, from 1 to 1000. */
  readonly buckets?: number | undefined
  readonly split?: 'type' | 'agent' | undefined
}

/** Which values of a variable. */
export interface VariableQuery {
  readonly start_timestamp?: Instant | undefined
  readonly end_timestamp?: Instant | undefined
  readonly turn_start?: number | undefined
  readonly turn_end?: number | undefined
  readonly agent_ids?: readonly string[] | undefined
  /** Values in the answer, from 1 to 10000. */
  readonly limit?: number | undefined
  /** Where to go on: `next_cursor` of the answer before. */
  readonly cursor?: string | undefined
}

/** How far causality is walked. */
export interface CausalityQuery {
  /** Steps from the event, from 1 to 20. */
  readonly depth?: number | undefined
  readonly direction?: 'upstream' | 'downstream' | 'both' | undefined
  /** Events in each direction, the nearest first, from 1 to 10000. */
  readonly max_nodes?: number | undefined
}

/** Which turns of two runs are compared. */
export interface ComparisonQuery {
  readonly turn_start?: number | undefined
  readonly turn_end?: number | undefined
}
