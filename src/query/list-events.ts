import { encodeLine } from '../event/event-line.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { EventFilter } from './event-filter.js'
import { type EventText, readEventRows } from './event-row.js'
import { MatchingEvents } from './matching-events.js'
import { encodeCursor, type PageOrder, parseCursor } from './page-cursor.js'
import { findSimulation } from './simulation-row.js'

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
  const { order, limit } = request
  const after = request.cursor === undefined ? undefined : parseCursor(request.cursor, order)
  const simulation = await findSimulation(snapshot, simulationName)
  const matching = await MatchingEvents.find(snapshot, simulation, request.filter)
  const { total } = matching

  // How many matches the page begins behind, in its own order.
  let skipped = request.offset ?? 0
  if (after !== undefined) {
    skipped =
      order === 'asc'
        ? await matching.countBefore(justBehind(after))
        : total - (await matching.countBefore(after))
  }
  const first = Math.min(skipped, total)
  const end = Math.min(first + limit, total)
  const ids =
    order === 'asc'
      ? await matching.rows(first, end)
      : (await matching.rows(total - end, total - first)).reverse()
  const rows = await readEventRows(snapshot, ids)
  const last = rows.at(-1)
  const hasMore = end < total
  return {
    events: rows.map((row) => encodeLine(row, simulation.name)),
    total,
    hasMore,
    nextCursor: hasMore && last !== undefined ? encodeCursor(order, last) : null,
  }
}

/** No id sorts between one and itself with the least character behind it. */
export function justBehind<T extends { readonly eventId: string }>(position: T): T {
  return { ...position, eventId: `${position.eventId}\0` }
}
