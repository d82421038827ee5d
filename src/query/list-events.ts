import { type Expression, expressionBuilder, type SqlBool } from 'kysely'
import type { EventPosition } from '../event/event-order.js'
import type { SidecarTables } from '../sidecar/schema.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { countEvents } from './count-events.js'
import {
  type EventFilter,
  matchesFilter,
  type ResolvedFilter,
  resolveFilter,
} from './event-filter.js'
import {
  EVENT_COLUMNS,
  type EventRow,
  type EventText,
  positionOf,
  toEventText,
} from './event-row.js'
import { encodeCursor, type PageOrder, parseCursor } from './page-cursor.js'
import { findRows } from './row-range.js'
import { findSimulation, type RowRange, type SimulationRef } from './simulation-row.js'

/** Which page of which events. */
export interface PageRequest {
  readonly filter: EventFilter
  readonly order: PageOrder
  /** Events on the page, from 1. */
  readonly limit: number
  /** Matching events to leave out first. Not together with `cursor`. */
  readonly offset?: number | undefined
  /** Where the page before ended: its `nextCursor`. */
  readonly cursor?: string | undefined
}

/** A page of events. */
export interface EventPage {
  readonly events: readonly EventText[]
  /** How many events match in all, exactly. */
  readonly total: number
  readonly hasMore: boolean
  /** Where the next page goes on; null on the last one. */
  readonly nextCursor: string | null
}

/**
 * A page of a run's events in the order of (timestamp, event_id).
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND or CURSOR_INVALID
 */
export async function listEvents(
  snapshot: Snapshot,
  simulationName: string,
  request: PageRequest,
): Promise<EventPage> {
  const { order, limit, offset = 0, cursor } = request
  const after = cursor === undefined ? undefined : parseCursor(cursor, order)
  const simulation = await findSimulation(snapshot, simulationName)
  const filter = await resolveFilter(snapshot, simulation, request.filter)
  const window = { after, order, limit: limit + 1, offset }
  const range = await findRows(snapshot, filter)
  const rows = simulation.ordered
    ? await readByRow(snapshot, filter, range, window)
    : filter.turnStart !== undefined || filter.turnEnd !== undefined
      ? await readSorted(snapshot, filter, range, window)
      : await readByTime(snapshot, filter, range, window)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const hasMore = rows.length > limit
  return {
    events: page.map((row) => toEventText(row, simulation.name)),
    total: await countEvents(snapshot, filter),
    hasMore,
    nextCursor: hasMore && last !== undefined ? encodeCursor(order, positionOf(last)) : null,
  }
}

interface Window {
  readonly after: EventPosition | undefined
  readonly order: PageOrder
  readonly limit: number
  readonly offset: number
}

/** Where row ids run in the order of time, they are walked. */
async function readByRow(
  snapshot: Snapshot,
  filter: ResolvedFilter,
  range: RowRange,
  { after, order, limit, offset }: Window,
): Promise<EventRow[]> {
  let query = selectEvents(snapshot).where(matchesFilter(filter, range))
  if (after !== undefined) {
    const row = await findRow(snapshot, filter.simulation, after)
    query =
      row === undefined
        ? query.where(isBehind(after, order, 'event.timestamp', 'event.event_id'))
        : query.where('event.id', order === 'asc' ? '>' : '<', row)
  }
  return query.orderBy('event.id', order).limit(limit).offset(offset).execute()
}

/** The row at a position, unless it has gone since. */
async function findRow(
  snapshot: Snapshot,
  simulation: SimulationRef,
  { timestamp, eventId }: EventPosition,
): Promise<number | undefined> {
  const row = await snapshot
    .selectFrom('event')
    .select('id')
    .where('simulation', '=', simulation.id)
    .where('event_id', '=', eventId)
    .where('timestamp', '=', timestamp)
    .executeTakeFirst()
  return row?.id
}

/** Where they do not, but some turns are asked for, their few rows are sorted. */
async function readSorted(
  snapshot: Snapshot,
  filter: ResolvedFilter,
  range: RowRange,
  { after, order, limit, offset }: Window,
): Promise<EventRow[]> {
  return selectEvents(snapshot)
    .where(matchesFilter(filter, range))
    .$if(after !== undefined, (query) =>
      query.where(isBehind(after, order, 'event.timestamp', 'event.event_id')),
    )
    .orderBy('event.timestamp', order)
    .orderBy('event.event_id', order)
    .limit(limit)
    .offset(offset)
    .execute()
}

/** Otherwise the order kept beside them is walked. */
async function readByTime(
  snapshot: Snapshot,
  filter: ResolvedFilter,
  range: RowRange,
  { after, order, limit, offset }: Window,
): Promise<EventRow[]> {
  return snapshot
    .selectFrom('event_time')
    .innerJoin('event', 'event.id', 'event_time.event')
    .leftJoin('agent', 'agent.id', 'event.agent')
    .leftJoin('kind', 'kind.id', 'event.kind')
    .select(EVENT_COLUMNS)
    .where('event_time.simulation', '=', filter.simulation.id)
    .where(matchesFilter(filter, range))
    .$if(after !== undefined, (query) =>
      query.where(isBehind(after, order, 'event_time.timestamp', 'event_time.event_id')),
    )
    .orderBy('event_time.timestamp', order)
    .orderBy('event_time.event_id', order)
    .limit(limit)
    .offset(offset)
    .execute()
}

function selectEvents(snapshot: Snapshot) {
  return snapshot
    .selectFrom('event')
    .leftJoin('agent', 'agent.id', 'event.agent')
    .leftJoin('kind', 'kind.id', 'event.kind')
    .select(EVENT_COLUMNS)
}

/** Behind a position, in the order of the page. */
function isBehind(
  after: EventPosition | undefined,
  order: PageOrder,
  timestamp: 'event.timestamp' | 'event_time.timestamp',
  eventId: 'event.event_id' | 'event_time.event_id',
): Expression<SqlBool> {
  const eb = expressionBuilder<SidecarTables, 'event' | 'event_time'>()
  const { timestamp: at = 0, eventId: id = '' } = after ?? {}
  return eb(eb.refTuple(timestamp, eventId), order === 'asc' ? '>' : '<', eb.tuple(at, id))
}
