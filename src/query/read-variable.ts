import { TurnlogError } from '../errors.js'
import { topLevelSpans } from '../event/json-spans.js'
import { wholeDetails } from '../event/stored-parts.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { EventFilter } from './event-filter.js'
import { type EventRow, readEventRows } from './event-row.js'
import { groupByWord } from './group-by-word.js'
import { countUpTo } from './matches.js'
import { MatchingEvents } from './matching-events.js'
import { encodeCursor, parseCursor } from './page-cursor.js'
import { findSimulation, type SimulationRef } from './simulation-row.js'

/** Which changes of a variable are meant. */
export type ChangeFilter = Pick<
  EventFilter,
  'startTimestamp' | 'endTimestamp' | 'turnStart' | 'turnEnd' | 'agentIds'
>

/** Which page of them. */
export interface SeriesRequest {
  readonly filter: ChangeFilter
  /** Points on the page, from 1, of all agents together. */
  readonly limit: number
  /** Where the page before ended: its `nextCursor`. */
  readonly cursor?: string | undefined
}

/** A page of the changes of a variable, which are paged in the order of time. */
export interface SeriesPage {
  /** How many changes match in all, exactly. */
  readonly total: number
  /** Those on this page: by agent, what is of no agent first. */
  readonly series: readonly VariableSeries[]
  readonly hasMore: boolean
  /** Where the next page goes on; null on the last one. */
  readonly nextCursor: string | null
}

/** How a variable of an agent changed, in the order of time. */
export interface VariableSeries {
  readonly agentId: string | null
  readonly points: readonly VariablePoint[]
}

/** A JSON value exactly as the line spells it. */
export type ValueText = string

/** A change; a value that its event does not have is null here. */
export interface VariablePoint {
  readonly eventId: string
  readonly timestamp: TimestampMicros
  readonly turn: number
  readonly oldValue: ValueText
  readonly newValue: ValueText
}

/**
 * A page of the changes of a variable.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND, VARIABLE_NOT_FOUND or CURSOR_INVALID
 */
export async function readVariable(
  snapshot: Snapshot,
  simulationName: string,
  variable: string,
  { filter, limit, cursor }: SeriesRequest,
): Promise<SeriesPage> {
  const after = cursor === undefined ? undefined : parseCursor(cursor, 'asc')
  const simulation = await findSimulation(snapshot, simulationName)
  const matching = await findChanges(snapshot, simulation, variable, filter)
  const { total } = matching
  const first = after === undefined ? 0 : await countUpTo(matching, 'asc', after)
  const end = Math.min(first + limit, total)
  const rows = await readEventRows(snapshot, await matching.rows(first, end))
  const last = rows.at(-1)
  const hasMore = end < total
  return {
    total,
    series: toSeries(rows),
    hasMore,
    nextCursor: hasMore && last !== undefined ? encodeCursor('asc', last) : null,
  }
}

/** @throws TurnlogError VARIABLE_NOT_FOUND when the run has none, whatever the filter */
async function findChanges(
  snapshot: Snapshot,
  simulation: SimulationRef,
  variable: string,
  filter: ChangeFilter,
): Promise<MatchingEvents> {
  // Either name of the type finds both.
  const changes: EventFilter = { eventTypes: ['STATE'], kinds: [variable] }
  const matching = await MatchingEvents.find(snapshot, simulation, { ...filter, ...changes })
  if (matching.total > 0) return matching
  const all = await MatchingEvents.find(snapshot, simulation, changes)
  if (all.total > 0) return matching
  throw new TurnlogError('VARIABLE_NOT_FOUND', {
    message: `simulation ${JSON.stringify(simulation.name)} has no variable ${JSON.stringify(variable)}`,
    hint: 'GET /simulations/{simulation_id}/variables lists the variables there are',
  })
}

function toSeries(rows: readonly EventRow[]): VariableSeries[] {
  return groupByWord(rows, ({ agentId }) => agentId).map(([agentId, ofAgent]) => ({
    agentId,
    points: ofAgent.map(toPoint),
  }))
}

function toPoint(row: EventRow): VariablePoint {
  const { eventId, timestamp, turn } = row
  const valueOf = readValues(wholeDetails(row) ?? '{}')
  return {
    eventId,
    timestamp,
    turn,
    oldValue: valueOf('old_value'),
    newValue: valueOf('new_value'),
  }
}

/** @throws RangeError when damaged details are no JSON object */
function readValues(details: string): (key: string) => ValueText {
  try {
    const spans = topLevelSpans(details)
    return (key) => {
      const span = spans.get(key)
      return span === undefined ? 'null' : details.slice(span.start, span.end)
    }
  } catch (error) {
    throw new RangeError('the details of a change are no JSON object', { cause: error })
  }
}
