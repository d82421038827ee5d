import { compareEvents, type EventPosition } from '../event/event-order.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { idList } from './id-list.js'

/** That one event was caused by another. */
export interface CausalLink {
  readonly cause: string
  readonly effect: string
}

/** Events by row id. */
export type Positions = ReadonlyMap<number, EventPosition>

/** Every link between some events, by effect, then cause, in the order of events. */
export async function findLinks(snapshot: Snapshot, events: Positions): Promise<CausalLink[]> {
  const ids = [...events.keys()].sort((a, b) => a - b)
  const edges = await snapshot
    .selectFrom('edge')
    .selectAll()
    .where('effect', 'in', idList(ids))
    .where((eb) => eb.between('cause', ids[0] ?? 0, ids.at(-1) ?? 0))
    // Not the column itself, which SQLite would seek for every pair of a cause and an effect.
    .where((eb) => eb(eb('cause', '+', 0), 'in', idList(ids)))
    .execute()
  return edges
    .flatMap((edge) => {
      const cause = events.get(edge.cause)
      const effect = events.get(edge.effect)
      return cause === undefined || effect === undefined ? [] : [{ cause, effect }]
    })
    .sort((a, b) => compareEvents(a.effect, b.effect) || compareEvents(a.cause, b.cause))
    .map(({ cause, effect }) => ({ cause: cause.eventId, effect: effect.eventId }))
}

/** Causes that some events name and the run does not have, by effect. */
export async function findMissing(snapshot: Snapshot, events: Positions): Promise<CausalLink[]> {
  const links = await snapshot
    .selectFrom('dangling')
    .select(['cause_event_id as cause', 'effect'])
    .where('effect', 'in', idList(events.keys()))
    .orderBy('cause_event_id')
    .execute()
  return links
    .flatMap(({ cause, effect: id }) => {
      const effect = events.get(id)
      return effect === undefined ? [] : [{ cause, effect }]
    })
    .sort((a, b) => compareEvents(a.effect, b.effect))
    .map(({ cause, effect }) => ({ cause, effect: effect.eventId }))
}
