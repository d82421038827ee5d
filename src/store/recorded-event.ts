import type { RecordedEventType } from '../event/event-type.js'

/**
 * An event as it was recorded, by whomever. A line has to have these four keys; of the others
 * `eventSchema` tells whether they are as turnlog's own writer has them.
 */
export interface RecordedEvent {
  readonly event_id: string
  /** ISO 8601, in whatever zone and with however many digits. */
  readonly timestamp: string
  readonly turn_number: number
  readonly event_type: RecordedEventType
  readonly simulation_id?: unknown
  readonly agent_id?: unknown
  readonly caused_by?: unknown
  readonly description?: unknown
  readonly details?: unknown
  /** Whatever else the line has. */
  readonly [key: string]: unknown
}

/** An event of which only some keys were asked for. */
export type PartialEvent = Partial<RecordedEvent>

/** An event on the way to or from another, with its smallest distance in steps. */
export interface TracedEvent {
  readonly event_id: string
  readonly depth: number
  readonly event: RecordedEvent
}

/** That one event was caused by another, by their ids. */
export interface CausalLink {
  readonly cause: string
  readonly effect: string
}

/** What led to an event, and what it led to. */
export interface Causality {
  readonly event_id: string
  readonly event: RecordedEvent
  /** The nearest first. */
  readonly upstream: readonly TracedEvent[]
  readonly downstream: readonly TracedEvent[]
  /** Every link between the events above. */
  readonly links: readonly CausalLink[]
  /** Whether there were more events than `max_nodes`. */
  readonly truncated: boolean
  /** Named causes that the run does not have. */
  readonly missing: readonly CausalLink[]
}
