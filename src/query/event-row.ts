import type { LineParts } from '../event/line-parts.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { idList } from './id-list.js'

/** A JSON text: an event exactly as its line spells it. */
export type EventText = string

/** What a line is spelled from, and where the event stands. */
export interface EventRow extends LineParts {
  readonly id: number
}

const EVENT_COLUMNS = [
  'event.id',
  'event.event_id as eventId',
  'event.timestamp',
  'event.turn',
  'cell.type',
  'agent.name as agentId',
  'kind.name as kind',
  'event.shape',
  'event.caused_by as causedBy',
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
    .$narrowType<{ timestamp: TimestampMicros }>()
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
