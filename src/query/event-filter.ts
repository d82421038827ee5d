import { eventTypeCode, type RecordedEventType, spellingsOf } from '../event/event-type.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { inChunks } from './in-chunks.js'
import type { SimulationRef } from './simulation-row.js'

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
  readonly types: readonly number[] | undefined
  /** Those asked for that any run has; empty when there is none of them: nothing matches. */
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
