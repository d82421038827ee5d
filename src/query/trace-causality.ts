import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { EVENT_COLUMNS, type EventText, toEventText } from './event-row.js'
import { findEvent } from './get-event.js'
import { findSimulation, type SimulationRef } from './simulation-row.js'

/** Which way causality is walked: to causes, to effects, or both. */
export const TRACE_DIRECTIONS = ['upstream', 'downstream', 'both'] as const

/** One of {@link TRACE_DIRECTIONS}. */
export type TraceDirection = (typeof TRACE_DIRECTIONS)[number]

/** How far causality is walked. */
export interface TraceRequest {
  readonly direction: TraceDirection
  /** Steps from the event, from 1. */
  readonly depth: number
  /** Events in each direction, the nearest first. */
  readonly maxNodes: number
}

/** An event on the way, with its smallest distance in steps. */
export interface TracedEvent {
  readonly eventId: string
  readonly depth: number
  readonly text: EventText
}

/** That one event was caused by another. */
export interface CausalLink {
  readonly cause: string
  readonly effect: string
}

/** What led to an event, and what it led to. */
export interface Trace {
  readonly eventId: string
  readonly text: EventText
  /** By distance, then (timestamp, event_id); without the event itself. */
  readonly upstream: readonly TracedEvent[]
  readonly downstream: readonly TracedEvent[]
  /** Every link between the events above. */
  readonly links: readonly CausalLink[]
  /** Causes that the event or its upstream names and the run does not have. */
  readonly missing: readonly CausalLink[]
  /** Whether there were more events within `depth` than `maxNodes`. */
  readonly truncated: boolean
}

/**
 * Walks causality from an event.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND or EVENT_NOT_FOUND
 */
export async function traceCausality(
  snapshot: Snapshot,
  simulationName: string,
  eventId: string,
  request: TraceRequest,
): Promise<Trace> {
  const simulation = await findSimulation(snapshot, simulationName)
  const start = await findEvent(snapshot, simulation, eventId)
  const none: Walk = { nodes: [], truncated: false }
  const { direction } = request
  const up =
    direction === 'downstream'
      ? none
      : await walk(snapshot, simulation, start.id, 'effect', request)
  const down =
    direction === 'upstream' ? none : await walk(snapshot, simulation, start.id, 'cause', request)
  const upstreamIds = [start.id, ...up.nodes.map(({ id }) => id)]
  const ids = [...upstreamIds, ...down.nodes.map(({ id }) => id)]
  return {
    eventId,
    text: start.text,
    upstream: up.nodes,
    downstream: down.nodes,
    links: await findLinks(snapshot, ids),
    missing: direction === 'downstream' ? [] : await findMissing(snapshot, upstreamIds),
    truncated: up.truncated || down.truncated,
  }
}

interface Walk {
  readonly nodes: readonly (TracedEvent & { readonly id: number })[]
  readonly truncated: boolean
}

/**
 * Follows edges from the end named `near` to the other one. The recursion is
 * bounded in (event, distance) pairs, not in events; since it goes breadth
 * first and an event has at most one pair for each distance, this many pairs
 * are sure to hold one event more than asked for, and the nearest ones.
 */
async function walk(
  snapshot: Snapshot,
  simulation: SimulationRef,
  start: number,
  near: 'cause' | 'effect',
  { depth, maxNodes }: TraceRequest,
): Promise<Walk> {
  const far = near === 'cause' ? 'effect' : 'cause'
  const maxPairs = (maxNodes + 2) * depth
  const rows = await snapshot
    .withRecursive('walk(id, depth)', (db) =>
      db
        .selectFrom('edge')
        .select((eb) => [eb.ref(`edge.${far}`).as('id'), eb.lit(1).as('depth')])
        .where(`edge.${near}`, '=', start)
        .union(
          db
            .selectFrom('walk')
            .innerJoin('edge', `edge.${near}`, 'walk.id')
            .select((eb) => [eb.ref(`edge.${far}`).as('id'), eb('walk.depth', '+', 1).as('depth')])
            .where('walk.depth', '<', depth),
        )
        .orderBy('depth')
        .limit(maxPairs),
    )
    .with('nearest', (db) =>
      db
        .selectFrom('walk')
        .select(({ fn }) => ['walk.id', fn.min<number>('walk.depth').as('depth')])
        .where('walk.id', '!=', start)
        .groupBy('walk.id'),
    )
    .selectFrom('nearest')
    .innerJoin('event', 'event.id', 'nearest.id')
    .leftJoin('agent', 'agent.id', 'event.agent')
    .select(['event.id', 'nearest.depth', ...EVENT_COLUMNS])
    .orderBy('nearest.depth')
    .orderBy('event.timestamp')
    .orderBy('event.event_id')
    .limit(maxNodes + 1)
    .execute()
  return {
    nodes: rows.slice(0, maxNodes).map((row) => ({
      id: row.id,
      eventId: row.event_id,
      depth: row.depth,
      text: toEventText(row, simulation.name),
    })),
    truncated: rows.length > maxNodes,
  }
}

async function findLinks(snapshot: Snapshot, ids: readonly number[]): Promise<CausalLink[]> {
  return snapshot
    .selectFrom('edge')
    .innerJoin('event as cause', 'cause.id', 'edge.cause')
    .innerJoin('event as effect', 'effect.id', 'edge.effect')
    .select(['cause.event_id as cause', 'effect.event_id as effect'])
    .where('edge.effect', 'in', ids)
    .where('edge.cause', 'in', ids)
    .orderBy('edge.effect')
    .orderBy('edge.cause')
    .execute()
}

async function findMissing(snapshot: Snapshot, ids: readonly number[]): Promise<CausalLink[]> {
  return snapshot
    .selectFrom('dangling')
    .innerJoin('event', 'event.id', 'dangling.effect')
    .select(['dangling.cause_event_id as cause', 'event.event_id as effect'])
    .where('dangling.effect', 'in', ids)
    .orderBy('dangling.effect')
    .orderBy('dangling.cause_event_id')
    .execute()
}
