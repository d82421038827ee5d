import type {
  CausalityQuery,
  EventFilter,
  EventsQuery as StoredEventsQuery,
  Fields,
  Instant,
} from '../../src/store/events-query.js'

export type { CausalityQuery, EventFilter, Fields, Instant }

/** Which events, in which order. */
export interface EventsQuery extends StoredEventsQuery {
  /** Events on a page, from 1 to 10000; of a stream, events in all. */
  readonly limit?: number | undefined
  /** Whether to count what matches; `total` is null when it is `none`. Only pages have one. */
  readonly count?: 'exact' | 'none' | undefined
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

/** Which turns of two runs are compared. */
export interface ComparisonQuery {
  readonly turn_start?: number | undefined
  readonly turn_end?: number | undefined
}
