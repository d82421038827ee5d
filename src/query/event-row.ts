import { encodeLine } from '../event/event-line.js'
import type { EventPosition } from '../event/event-order.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { idList } from './id-list.js'

/** A JSON text: an event exactly as its line spells it. */
export type EventText = string

/** What a line is spelled from. */
export interface EventRow {
  readonly id: number
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

const EVENT_COLUMNS = [
  'event.id',
  'event.event_id',
  'event.timestamp',
  'event.turn',
  'cell.type',
  'agent.name as agent_name',
  'kind.name as kind_name',
  'event.shape',
  'event.caused_by',
  'event.description',
  'event.details',
  'event.raw',
] as const

/** Asks for {@link EventRow}s. */
export function selectEvents(snapshot: Snapshot) {
  return snapshot
    .selectFrom('event')
    .innerJoin('cell', 'cell.id', 'event.cell')
    .leftJoin('agent', 'agent.id', 'cell.agent')
    .leftJoin('kind', 'kind.id', 'cell.kind')
    .select(EVENT_COLUMNS)
}

/**
 * Events by their row ids, in the order of these.
 *
 * @throws RangeError when a damaged sidecar names a row that is not there
 */
export async function readEventRows(
  snapshot: Snapshot,
  ids: readonly number[],
): Promise<EventRow[]> {
  const found = await selectEvents(snapshot).where('event.id', 'in', idList(ids)).execute()
  const byId = new Map(found.map((row) => [row.id, row]))
  return ids.map((id) => {
    const row = byId.get(id)
    if (row === undefined) throw new RangeError(`no event has the row ${id}`)
    return row
  })
}

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
