import { encodeLine } from '../event/event-line.js'
import type { EventPosition } from '../event/event-order.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { type CausalLink, findLinks, findMissing } from './causal-links.js'
import { walkCausality, type WalkBounds, type WalkStart } from './causal-walk.js'
import type { TraceDirection } from './causality-fields.js'
import { type EventText, readEventRows } from './event-row.js'
import { findEvent } from './get-event.js'
import type { LinkEnd } from './links-of.js'
import { findSimulation } from './simulation-row.js'
import type { WorkLimit } from './work-limit.js'

/** How far causality is walked. */
export interface TraceRequest extends WalkBounds {
  readonly direction: TraceDirection
}

/** An event on the way, with its smallest distance in steps. */
export interface TracedEvent {
  readonly eventId: string
  readonly depth: number
  readonly text: EventText
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
 * @param limit without one it is a short read
 * @throws TurnlogError SIMULATION_NOT_FOUND, EVENT_NOT_FOUND, or QUERY_TOO_BROAD when the
 *   limit is reached, or a short read would not do
 */
export async function traceCausality(
  snapshot: Snapshot,
  simulationName: string,
  eventId: string,
  request: TraceRequest,
  limit?: WorkLimit,
): Promise<Trace> {
  const simulation = await findSimulation(snapshot, simulationName)
  const start = await findEvent(snapshot, simulation, eventId)
  const { direction } = request
  const walk = (near: LinkEnd): Promise<Walked> =>
    readWalk(snapshot, { simulation, id: start.id, near }, request, limit)
  const up = direction === 'downstream' ? NOTHING : await walk('effect')
  const down = direction === 'upstream' ? NOTHING : await walk('cause')
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

interface Node {
  readonly id: number
  readonly depth: number
  readonly position: EventPosition
  readonly text: EventText
}

function toTracedEvent({ position, depth, text }: Node): TracedEvent {
  return { eventId: position.eventId, depth, text }
}

interface Walked {
  readonly nodes: readonly Node[]
  readonly truncated: boolean
}

const NOTHING: Walked = { nodes: [], truncated: false }

/** Walks, and reads the events that were walked to. */
async function readWalk(
  snapshot: Snapshot,
  start: WalkStart,
  bounds: WalkBounds,
  limit?: WorkLimit,
): Promise<Walked> {
  const { events, truncated } = await walkCausality(snapshot, start, bounds, limit)
  const ids = events.map(({ id }) => id)
  const rows = await readEventRows(snapshot, ids)
  const nodes = events.flatMap(({ id, depth }, index) => {
    const row = rows[index]
    return row === undefined
      ? []
      : [{ id, depth, position: row, text: encodeLine(row, start.simulation.name) }]
  })
  return { nodes, truncated }
}
