import { type Expression, type ExpressionBuilder, expressionBuilder, type SqlBool } from 'kysely'
import { eventTypeCode, type RecordedEventType, spellingsOf } from '../event/event-type.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { SidecarTables } from '../sidecar/schema.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { inChunks } from './in-chunks.js'

/** Which events of a run are meant; what is left out does not restrict. */
export interface EventFilter {
  /** Inclusive. */
  readonly startTimestamp?: TimestampMicros | undefined
  /** Inclusive. */
  readonly endTimestamp?: TimestampMicros | undefined
  /** Inclusive. */
  readonly turnStart?: number | undefined
  /** Inclusive. */
  readonly turnEnd?: number | undefined
  /** Any of these; STATE and ENV are one. */
  readonly eventTypes?: readonly RecordedEventType[] | undefined
  /** Any of these, exactly, as `agent_id`. */
  readonly agentIds?: readonly string[] | undefined
}

/** A filter in the sidecar's own integers. */
export interface ResolvedFilter extends Omit<EventFilter, 'eventTypes' | 'agentIds'> {
  readonly simulation: number
  readonly types: readonly number[] | undefined
  /** Empty when none of the agents asked for is known: nothing matches. */
  readonly agents: readonly number[] | undefined
}

/** Looks up the integers that a filter's names stand for. */
export async function resolveFilter(
  snapshot: Snapshot,
  simulation: number,
  { eventTypes, agentIds, ...bounds }: EventFilter,
): Promise<ResolvedFilter> {
  return {
    ...bounds,
    simulation,
    types: eventTypes && typeCodes(eventTypes),
    agents: agentIds && (await agentNumbers(snapshot, agentIds)),
  }
}

function typeCodes(types: readonly RecordedEventType[]): number[] {
  const spellings = new Set(types.flatMap((type) => spellingsOf(type)))
  return [...spellings].flatMap((type) => eventTypeCode(type) ?? [])
}

async function agentNumbers(snapshot: Snapshot, names: readonly string[]): Promise<number[]> {
  const rows = await inChunks([...new Set(names)], (chunk) =>
    snapshot.selectFrom('agent').select('id').where('name', 'in', chunk).execute(),
  )
  return rows.map(({ id }) => id)
}

/** The filter as a condition on `event`. */
export function matchesFilter(
  filter: ResolvedFilter,
): (eb: ExpressionBuilder<SidecarTables, 'event'>) => Expression<SqlBool> {
  const { simulation, types, agents, startTimestamp, endTimestamp, turnStart, turnEnd } = filter
  return (eb) => {
    const conditions: Expression<SqlBool>[] = [eb('event.simulation', '=', simulation)]
    if (types !== undefined) conditions.push(isOneOf(eb.ref('event.type'), types))
    if (agents !== undefined) conditions.push(isOneOf(eb.ref('event.agent'), agents))
    if (startTimestamp !== undefined) conditions.push(eb('event.timestamp', '>=', startTimestamp))
    if (endTimestamp !== undefined) conditions.push(eb('event.timestamp', '<=', endTimestamp))
    if (turnStart !== undefined) conditions.push(eb('event.turn', '>=', turnStart))
    if (turnEnd !== undefined) conditions.push(eb('event.turn', '<=', turnEnd))
    return eb.and(conditions)
  }
}

/**
 * A single value as an equation, which keeps the order of an index; none at all as never true.
 * Several stand in the statement itself, which may be longer than its list of parameters.
 */
export function isOneOf(
  column: Expression<number> | Expression<number | null>,
  values: readonly number[],
): Expression<SqlBool> {
  const eb = expressionBuilder()
  const [first = NO_ROW, ...more] = values
  if (more.length === 0) return eb(column, '=', first)
  return eb(
    column,
    'in',
    values.map((value) => eb.lit(value)),
  )
}

/** No row of a dictionary has this number. */
const NO_ROW = -1
