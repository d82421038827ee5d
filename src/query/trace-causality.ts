import { compareEvents, type EventPosition } from '../event/event-order.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { EVENT_COLUMNS, type EventText, positionOf, toEventText } from './event-row.js'
import { findEvent } from './get-event.js'
import { inChunks } from './in-chunks.js'
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
  /** Every link between the events above, by effect, then cause, in the order of events. */
  readonly links: readonly CausalLink[]
  /** Causes that the event or its upstream names and the run does not have, by effect. */
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
  const upstream = new Map([start, ...up.nodes].map((node) => [node.id, node.position]))
  const all = new Map([...upstream, ...down.nodes.map((node) => [node.id, node.position] as const)])
  return {
    eventId,
    text: start.text,
    upstream: up.nodes.map(toTracedEvent),
    downstream: down.nodes.map(toTracedEvent),
    links: await findLinks(snapshot, all),
    missing: direction === 'downstream' ? [] : await findMissing(snapshot, upstream),
    truncated: up.truncated || down.truncated,
  }
}

/** Events by row id. */
type Positions = ReadonlyMap<number, EventPosition>

interface Node {
  readonly id: number
  readonly depth: number
  readonly position: EventPosition
  readonly text: EventText
}

function toTracedEvent({ position, depth, text }: Node): TracedEvent {
  return { eventId: position.eventId, depth, text }
}

interface Walk {
  readonly nodes: readonly Node[]
  readonly truncated: boolean
}

/**
 * Follows edges from the end named `near` to the other one. The recursion is
 * bounded in (event, distance) pairs, not in events; since it goes in the order
 * of the answer and an event has at most one pair for each distance, this many
 * pairs are sure to hold one event more than asked for, and the first ones.
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
    .withRecursive('walk(id, depth, timestamp, event_id)', (db) =>
      db
        .selectFrom('edge')
        .innerJoin('event', 'event.id', `edge.${far}`)
        .select((eb) => ['event.id', eb.lit(1).as('depth'), 'event.timestamp', 'event.event_id'])
        .where(`edge.${near}`, '=', start)
        .union(
          db
            .selectFrom('walk')
            .innerJoin('edge', `edge.${near}`, 'walk.id')
            .innerJoin('event', 'event.id', `edge.${far}`)
            .select((eb) => [
              'event.id',
              eb('walk.depth', '+', 1).as('depth'),
              'event.timestamp',
              'event.event_id',
            ])
            .where('walk.depth', '<', depth),
        )
        .orderBy('depth')
        .orderBy('timestamp')
        .orderBy('event_id')
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
    .leftJoin('kind', 'kind.id', 'event.kind')
    .select(['event.id', 'nearest.depth', ...EVENT_COLUMNS])
    .orderBy('nearest.depth')
    .orderBy('event.timestamp')
    .orderBy('event.event_id')
    .limit(maxNodes + 1)
    .execute()
  return {
    nodes: rows.slice(0, maxNodes).map((row) => ({
      id: row.id,
      depth: row.depth,
      position: positionOf(row),
      text: toEventText(row, simulation.name),
    })),
    truncated: rows.length > maxNodes,
  }
}

async function findLinks(snapshot: Snapshot, events: Positions): Promise<CausalLink[]> {
  const edges = await inChunks([...events.keys()], (chunk) =>
    snapshot.selectFrom('edge').selectAll().where('effect', 'in', chunk).execute(),
  )
  return edges
    .flatMap((edge) => {
      const cause = events.get(edge.cause)
      const effect = events.get(edge.effect)
      return cause === undefined || effect === undefined ? [] : [{ cause, effect }]
    })
    .sort((a, b) => compareEvents(a.effect, b.effect) || compareEvents(a.cause, b.cause))
    .map(({ cause, effect }) => ({ cause: cause.eventId, effect: effect.eventId }))
}

async function findMissing(snapshot: Snapshot, events: Positions): Promise<CausalLink[]> {
  const links = await inChunks([...events.keys()], (chunk) =>
    snapshot
      .selectFrom('dangling')
      .select(['cause_event_id as cause', 'effect'])
      .where('effect', 'in', chunk)
      .orderBy('cause_event_id')
      .execute(),
  )
  return links
    .flatMap(({ cause, effect: id }) => {
      const effect = events.get(id)
      return effect === undefined ? [] : [{ cause, effect }]
    })
    .sort((a, b) => compareEvents(a.effect, b.effect))
    .map(({ cause, effect }) => ({ cause, effect: effect.eventId }))
}
