import { type EventTypeCode, eventTypeOfCode } from '../event/event-type.js'
import { compareSegmentNames } from '../segment/segment-name.js'
import type { EventCell } from '../sidecar/event-cell.js'
import { unpackNumbers } from '../sidecar/packed-numbers.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { idList } from './id-list.js'
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
  const { id } = await findSimulation(snapshot, name)
  const row = await snapshot
    .selectFrom('simulation')
    .select(SIMULATION_COLUMNS)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const segments = await readSegments(snapshot, id)
  const counts = await countEvents(snapshot, id)
  return {
    ...toSimulationItem(row),
    events_by_type: counts.byType,
    events_by_agent: counts.byAgent,
    segments,
    rejects: await readRejects(snapshot, id),
    lag_bytes: segments.reduce((sum, segment) => sum + segment.lag_bytes, 0),
  }
}

interface Counts {
  readonly byType: Readonly<Record<string, number>>
  readonly byAgent: Readonly<Record<string, number>>
}

/** By name; what is not an agent's is left out of the agents. */
async function countEvents(snapshot: Snapshot, id: number): Promise<Counts> {
  const stretches = await snapshot
    .selectFrom('stretch')
    .select(['cells', 'cell_events'])
    .where('simulation', '=', id)
    .execute()
  const events = new Map<EventCell, number>()
  for (const { cells, cell_events: packed } of stretches) {
    const counts = unpackNumbers(packed)
    for (const [index, cell] of unpackNumbers(cells).entries()) {
      events.set(cell, (events.get(cell) ?? 0) + (counts[index] ?? 0))
    }
  }
  const cells = await snapshot
    .selectFrom('cell')
    .leftJoin('agent', 'agent.id', 'cell.agent')
    .select(['cell.id', 'cell.type', 'agent.name as agent'])
    .where('cell.id', 'in', idList(events.keys()))
    .execute()
  const types = new Map<EventTypeCode, number>()
  const agents = new Map<string, number>()
  for (const { id: cell, type, agent } of cells) {
    const count = events.get(cell) ?? 0
    types.set(type, (types.get(type) ?? 0) + count)
    if (agent !== null) agents.set(agent, (agents.get(agent) ?? 0) + count)
  }
  return {
    byType: Object.fromEntries(
      [...types]
        .sort(([a], [b]) => a - b)
        .map(([type, count]) => [eventTypeOfCode(type), count] as const),
    ),
    byAgent: Object.fromEntries([...agents].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
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
