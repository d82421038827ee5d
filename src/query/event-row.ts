import { encodeLine } from '../event/event-line.js'
import type { EventPosition } from '../event/event-order.js'
import type { TimestampMicros } from '../event/timestamp.js'

/** A JSON text: an event exactly as its line spells it. */
export type EventText = string

/** What a line is spelled from. */
export interface EventRow {
  readonly event_id: string
  readonly timestamp: number
  readonly turn: number
  readonly type: number
  readonly agent_name: string | null
  readonly kind_name: string | null
  readonly shape: number
  readonly caused_by: string | null
  readonly description: string | null
  readonly details: string | null
  readonly raw: string | null
}

/** The columns of {@link EventRow}, of a query that joins `agent` and `kind`. */
export const EVENT_COLUMNS = [
  'event.event_id',
  'event.timestamp',
  'event.turn',
  'event.type',
  'agent.name as agent_name',
  'kind.name as kind_name',
  'event.shape',
  'event.caused_by',
  'event.description',
  'event.details',
  'event.raw',
] as const

/** The event as its line spells it. */
export function toEventText(row: EventRow, simulationName: string): EventText {
  return encodeLine(
    {
      eventId: row.event_id,
      timestamp: row.timestamp as TimestampMicros,
      turn: row.turn,
      type: row.type,
      agentId: row.agent_name,
      kind: row.kind_name,
      causedBy: row.caused_by,
      description: row.description,
      details: row.details,
      shape: row.shape,
      raw: row.raw,
    },
    simulationName,
  )
}

/** Where the event stands in the order of events. */
export function positionOf(row: Pick<EventRow, 'timestamp' | 'event_id'>): EventPosition {
  return { timestamp: row.timestamp as TimestampMicros, eventId: row.event_id }
}
