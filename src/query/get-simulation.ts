import { compareSegmentNames } from '../segment/segment-name.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { type CellCount, countByCell, countTypes, sumCounts } from './cell-counts.js'
import { groupByWord } from './group-by-word.js'
import { SIMULATION_COLUMNS, type SimulationItem, toSimulationItem } from './list-simulations.js'
import { findSimulation } from './simulation-row.js'

/** How many rejects a summary shows; `reject_count` counts them all. */
export const MAX_REJECTS_SHOWN = 100

/** A run in full. */
export interface SimulationSummary extends SimulationItem {
  /** Events by type, as the lines spell it. */
  readonly events_by_type: Readonly<Record<string, number>>
  /** Events by agent; those without one are left out. */
  readonly events_by_agent: Readonly<Record<string, number>>
  /** In reading order: the sealed ones by name, the active one last. */
  readonly segments: readonly SegmentItem[]
  /** The first {@link MAX_REJECTS_SHOWN} lines that are no events. */
  readonly rejects: readonly RejectItem[]
  /** Bytes that are not indexed; a torn tail stays here. */
  readonly lag_bytes: number
}

/** A segment and how far it is indexed. */
export interface SegmentItem {
  readonly name: string
  /** Bytes, when the indexer last looked. */
  readonly size: number
  readonly indexed_bytes: number
  readonly lag_bytes: number
  readonly event_count: number
  readonly reject_count: number
  readonly duplicate_count: number
}

/** A line that is no event, and where it is. */
export interface RejectItem {
  readonly segment: string
  readonly offset: number
  readonly length: number
  readonly reason: string
}

/**
 * Everything there is to know about a run but its events.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND
 */
export async function getSimulation(snapshot: Snapshot, name: string): Promise<SimulationSummary> {
  const simulation = await findSimulation(snapshot, name)
  const { id } = simulation
  const row = await snapshot
    .selectFrom('simulation')
    .select(SIMULATION_COLUMNS)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const segments = await readSegments(snapshot, id)
  const counts = await countByCell(snapshot, simulation)
  return {
    ...toSimulationItem(row),
    events_by_type: countTypes(counts),
    events_by_agent: countAgents(counts),
    segments,
    rejects: await readRejects(snapshot, id),
    lag_bytes: segments.reduce((sum, segment) => sum + segment.lag_bytes, 0),
  }
}

/** By name; what is not an agent's is left out. */
function countAgents(counts: readonly CellCount[]): Readonly<Record<string, number>> {
  const agents = groupByWord(counts, ({ agentId }) => agentId).flatMap(([agent, ofAgent]) =>
    agent === null ? [] : [[agent, sumCounts(ofAgent)] as const],
  )
  return Object.fromEntries(agents)
}

/** In reading order, which is not the one of their rows when a sealed segment turns up late. */
async function readSegments(snapshot: Snapshot, id: number): Promise<SegmentItem[]> {
  const segments = await snapshot
    .selectFrom('segment')
    .select((eb) => [
      'name',
      'size',
      'checkpoint as indexed_bytes',
      eb('size', '-', eb.ref('checkpoint')).as('lag_bytes'),
      'event_count',
      'reject_count',
      'duplicate_count',
    ])
    .where('simulation', '=', id)
    .execute()
  return segments.sort((a, b) => compareSegmentNames(a.name, b.name))
}

async function readRejects(snapshot: Snapshot, id: number): Promise<RejectItem[]> {
  return snapshot
    .selectFrom('reject')
    .innerJoin('segment', 'segment.id', 'reject.segment')
    .select(['segment.name as segment', 'reject.offset', 'reject.length', 'reject.reason'])
    .where('reject.simulation', '=', id)
    .orderBy('reject.id')
    .limit(MAX_REJECTS_SHOWN)
    .execute()
}
