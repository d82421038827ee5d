import { type Expression, type ExpressionBuilder, expressionBuilder, type SqlBool } from 'kysely'
import { eventTypeCode, type RecordedEventType, spellingsOf } from '../event/event-type.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { SidecarTables } from '../sidecar/schema.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { inChunks } from './in-chunks.js'
import type { RowRange, SimulationRef } from './simulation-row.js'

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
  readonly simulation: SimulationRef
  /** Those asked for that the run has; empty when it has none of them: nothing matches. */
  readonly types: readonly number[] | undefined
  /** Likewise. */
  readonly agents: readonly number[] | undefined
}

/** Looks up the integers that a filter's names stand for. */
export async function resolveFilter(
  snapshot: Snapshot,
  simulation: SimulationRef,
  { eventTypes, agentIds, ...bounds }: EventFilter,
): Promise<ResolvedFilter> {
  return {
    ...bounds,
    simulation,
    types: eventTypes && (await knownTypes(snapshot, simulation, typeCodes(eventTypes))),
    agents: agentIds && (await agentNumbers(snapshot, agentIds)),
  }
}

function typeCodes(types: readonly RecordedEventType[]): number[] {
  const spellings = new Set(types.flatMap((type) => spellingsOf(type)))
  return [...spellings].flatMap((type) => eventTypeCode(type) ?? [])
}

/** Those that the run has: often one of STATE and ENV, and one value keeps the order of an index. */
async function knownTypes(
  snapshot: Snapshot,
  simulation: SimulationRef,
  codes: readonly number[],
): Promise<number[]> {
  const known: number[] = []
  for (const code of codes) {
    const row = await snapshot
      .selectFrom('event')
      .select('id')
      .where('simulation', '=', simulation.id)
      .where('type', '=', code)
      .limit(1)
      .executeTakeFirst()
    if (row !== undefined) known.push(code)
  }
  return known
}

async function agentNumbers(snapshot: Snapshot, names: readonly string[]): Promise<number[]> {
  const rows = await inChunks([...new Set(names)], (chunk) =>
    snapshot.selectFrom('agent').select('id').where('name', 'in', chunk).execute(),
  )
  return rows.map(({ id }) => id)
}

/**
 * The filter as a condition on `event`.
 *
 * @param rows where the matching rows lie; see `findRows`
 */
export function matchesFilter(
  filter: ResolvedFilter,
  rows: RowRange,
): (eb: ExpressionBuilder<SidecarTables, 'event'>) => Expression<SqlBool> {
  const { simulation, types, agents, startTimestamp, endTimestamp, turnStart, turnEnd } = filter
  return (eb) => {
    // Without a type or an agent no index gives rows in their order: the sum keeps the database
    // from taking one and sorting the whole run.
    const walksRows = types === undefined && agents === undefined
    const run = walksRows ? eb('event.simulation', '+', 0) : eb.ref('event.simulation')
    const conditions: Expression<SqlBool>[] = [
      eb(run, '=', simulation.id),
      eb.between('event.id', rows.first, rows.last),
    ]
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
