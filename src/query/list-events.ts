import { TurnlogError } from '../errors.js'
import type { EventPosition } from '../event/event-order.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { EventFilter } from './event-filter.js'
import { sumLengths } from './event-lengths.js'
import {
  type EventRow,
  type EventText,
  readEventRows,
  readPosition,
  spellEvents,
} from './event-row.js'
import { findCandidates } from './find-candidates.js'
import { countUpTo } from './matches.js'
import { encodeCursor, type PageOrder, parseCursor } from './page-cursor.js'
import { lookForRows, type PageRows, pickRows } from './page-rows.js'
import { findSimulation } from './simulation-row.js'
import { WorkLimit } from './work-limit.js'

/** So many events are on a page however long they are; with more, their lines have so many bytes at most. */
const FEW = 10
const MOST_BYTES = 64 * 1024 * 1024

/** Whether all matches are counted for a page, or none of those that are not on it. */
export const PAGE_COUNTS = ['exact', 'none'] as const

/** One of {@link PAGE_COUNTS}. */
export type PageCount = (typeof PAGE_COUNTS)[number]

/** Which events, in which order, and what of them. */
export interface EventsRequest {
  readonly filter: EventFilter
  readonly order: PageOrder
  /** Matching events to leave out first. Not together with `cursor`. */
  readonly offset?: number | undefined
  /** Where the page before ended: its `nextCursor`. */
  readonly cursor?: string | undefined
  /** The top-level keys that are given of an event; all unless told otherwise. */
  readonly fields?: readonly string[] | undefined
}

/** Which page of which events. */
export interface PageRequest extends EventsRequest {
  /** Events on the page, from 1. */
  readonly limit: number
  /** `exact` unless told otherwise. */
  readonly count?: PageCount | undefined
}

/** A page of events. */
export interface EventPage {
  readonly events: readonly EventText[]
  /** How many events match in all, exactly; null where that was not asked. */
  readonly total: number | null
  /** Whether there are more; where they are not counted, whether there may be. */
  readonly hasMore: boolean
  /** Where the next page goes on; null on the last one. */
  readonly nextCursor: string | null
}

/**
 * A page of a run's events in the order of (timestamp, event_id).
 *
 * @param limit bounds the work where a filter asks of texts; nothing does unless it is given
 * @throws TurnlogError SIMULATION_NOT_FOUND, CURSOR_INVALID, QUERY_TOO_BROAD or SEARCH_UNAVAILABLE
 */
export async function listEvents(
  snapshot: Snapshot,
  simulationName: string,
  request: PageRequest,
  limit = new WorkLimit({ limitMs: Infinity }),
): Promise<EventPage> {
  const { filter, order, offset = 0, cursor, count = 'exact' } = request
  const after = cursor === undefined ? undefined : parseCursor(cursor, order)
  const simulation = await findSimulation(snapshot, simulationName)
  const rest = (): Promise<void> => limit.pause()
  const candidates = await findCandidates(snapshot, simulation, filter, { rest, mayBeRare: true })

  const { matches, tests } = candidates
  const from = after === undefined ? 0 : await countUpTo(matches, order, after)
  const place = { order, from, skip: offset, limit: request.limit }
  const page =
    tests.length === 0
      ? await pickRows(matches, place)
      : await lookForRows(candidates, place, { all: count === 'exact', work: limit })
  await checkLength(snapshot, page.rows)
  const rows = await readEventRows(snapshot, page.rows)
  const last = page.hasMore ? await findLast(snapshot, page, rows) : undefined
  return {
    events: spellEvents(rows, simulation, request.fields),
    total: count === 'exact' ? page.total : null,
    hasMore: page.hasMore,
    nextCursor: last === undefined ? null : encodeCursor(order, last),
  }
}

async function checkLength(snapshot: Snapshot, rows: readonly number[]): Promise<void> {
  if (rows.length <= FEW || (await sumLengths(snapshot, rows)) <= MOST_BYTES) return
  throw new TurnlogError('QUERY_TOO_BROAD', {
    message:
      `these ${rows.length} events have more than ${MOST_BYTES / 1024 / 1024} MiB; ` +
      'ask for fewer with limit, or for a stream of them as application/x-ndjson',
    hint: 'read smaller pages',
  })
}

/** The position behind which the next page begins. */
async function findLast(
  snapshot: Snapshot,
  { last }: PageRows,
  rows: readonly EventRow[],
): Promise<EventPosition | undefined> {
  const row = rows.at(-1)
  return last === undefined || row?.id === last ? row : readPosition(snapshot, last)
}
