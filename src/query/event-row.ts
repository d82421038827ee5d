import { encodeLine } from '../event/event-line.js'
import type { EventPosition } from '../event/event-order.js'
import type { LineParts } from '../event/line-parts.js'
import { pickFields } from '../event/pick-fields.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { CellWords, EventCell } from '../sidecar/event-cell.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { readCellWords } from './cell-words.js'
import { idList } from './id-list.js'
import type { SimulationRef } from './simulation-row.js'

/** A JSON text: an event, or some of its keys, exactly as its line spells it. */
export type EventText = string

/** What a line is spelled from, and where the event stands. */
export interface EventRow extends LineParts {
  readonly id: number
  readonly cell: EventCell
}

/** What a row says by itself; the words of its cell make it an {@link EventRow}. */
type StoredEvent = Omit<EventRow, keyof CellWords>

const EVENT_COLUMNS = [
  'id',
  'event_id as eventId',
  'timestamp',
  'turn',
  'cell',
  'shape',
  'caused_by as causedBy',
  'description',
  'details',
  'raw',
] as const

function selectEvents(snapshot: Snapshot) {
  return snapshot
    .selectFrom('event')
    .select(EVENT_COLUMNS)
    .$narrowType<{ timestamp: TimestampMicros }>()
}

/** One by one: spreading two objects into one takes longer than reading them. */
function toEventRow(row: StoredEvent, { type, agentId, kind }: CellWords): EventRow {
  return {
    id: row.id,
    cell: row.cell,
    eventId: row.eventId,
    timestamp: row.timestamp,
    turn: row.turn,
    type,
    agentId,
    kind,
    shape: row.shape,
    causedBy: row.causedBy,
    description: row.description,
    details: row.details,
    raw: row.raw,
  }
}

/** An event by its id; undefined when the run has no such event. */
export async function findEventRow(
  snapshot: Snapshot,
  simulation: SimulationRef,
  eventId: string,
): Promise<EventRow | undefined> {
  const row = await selectEvents(snapshot)
    .where('simulation', '=', simulation.id)
    .where('event_id', '=', eventId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const wordsOf = await readCellWords(snapshot, [row.cell])
  return toEventRow(row, wordsOf(row.cell))
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
  const found = await selectEvents(snapshot).where('id', 'in', idList(ids)).execute()
  const wordsOf = await readCellWords(
    snapshot,
    found.map(({ cell }) => cell),
  )
  const byId = new Map(found.map((row) => [row.id, row]))
  return ids.map((id) => {
    const row = byId.get(id)
    if (row === undefined) throw new RangeError(`no event has the row ${id}`)
    return toEventRow(row, wordsOf(row.cell))
  })
}

/** Where an event stands in the order of its run. */
export function readPosition(snapshot: Snapshot, id: number): Promise<EventPosition> {
  return snapshot
    .selectFrom('event')
    .select(['event_id as eventId', 'timestamp'])
    .$narrowType<{ timestamp: TimestampMicros }>()
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
}

/** Events of a run as texts. @param fields the keys that are given; all unless told otherwise */
export function spellEvents(
  rows: readonly EventRow[],
  { name }: SimulationRef,
  fields?: readonly string[],
): EventText[] {
  const lines = rows.map((row) => encodeLine(row, name))
  if (fields === undefined) return lines
  const keys = new Set(fields)
  return lines.map((line) => pickFields(line, keys))
}
