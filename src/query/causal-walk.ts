import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { idList } from './id-list.js'
import type { SimulationRef } from './simulation-row.js'

/** How far a walk goes. */
export interface WalkBounds {
  /** Steps from the event, from 1. */
  readonly depth: number
  /** Events, the nearest first. */
  readonly maxNodes: number
}

/** The row of an event that was walked to, and its smallest distance in steps. */
export interface WalkedEvent {
  readonly id: number
  readonly depth: number
}

/** Where a walk came to. */
export interface Walk {
  /** By distance, then (timestamp, event_id); without the start. */
  readonly events: readonly WalkedEvent[]
  /** Whether there were more events within `depth` than `maxNodes`. */
  readonly truncated: boolean
}

/** The end of a link that a walk comes from; it goes on to the other one. */
export type LinkEnd = 'cause' | 'effect'

/** Follows the links of an event and of those it leads to, level by level. */
export async function walkCausality(
  snapshot: Snapshot,
  simulation: SimulationRef,
  start: number,
  near: LinkEnd,
  { depth, maxNodes }: WalkBounds,
): Promise<Walk> {
  const findEarliest = simulation.ordered ? earliestByRow : earliestByTime
  // All that were seen, the start among them, and one more: either it is new, or none is.
  const count = maxNodes + 2
  const seen = new Set([start])
  const events: WalkedEvent[] = []
  let level = [start]
  for (let distance = 1; distance <= depth && level.length > 0; distance++) {
    const found = await findEarliest(snapshot, level, near, count)
    const fresh = found.filter((id) => !seen.has(id))
    const room = maxNodes - events.length
    // Also without room left the next level is looked for: one event in it is one too many.
    level = fresh.slice(0, room)
    for (const id of level) {
      seen.add(id)
      events.push({ id, depth: distance })
    }
    if (fresh.length > room) return { events, truncated: true }
  }
  return { events, truncated: false }
}

/** How many links of a level are read to be sorted, for each event that is asked for. */
const MOST_LINKS = 4

/**
 * Of a run whose row ids are in the order of events: the earliest ends of a
 * level's links. Those of one event are in that order in the index; those of
 * several are sorted where they are few, and merged where there is a hub.
 */
async function earliestByRow(
  snapshot: Snapshot,
  level: readonly number[],
  near: LinkEnd,
  count: number,
): Promise<number[]> {
  const far = near === 'cause' ? 'effect' : 'cause'
  const links = snapshot.selectFrom('edge').select(`${far} as far`)
  const [first, second] = level
  if (first !== undefined && second === undefined) {
    const rows = await links.where(near, '=', first).orderBy(far).limit(count).execute()
    return rows.map(({ far: id }) => id)
  }
  const most = MOST_LINKS * count
  const rows = await links.where(near, 'in', idList(level)).limit(most).execute()
  if (rows.length === most) return mergeByRow(snapshot, level, near, count)
  return [...new Set(rows.map(({ far: id }) => id))].sort((a, b) => a - b).slice(0, count)
}

/**
 * The same at the price of the links that are asked for, however many there
 * are. The links of each event are in order in the index, and the recursion
 * merges them: it takes the least end of all, and puts the next one of the same
 * event in its place.
 */
async function mergeByRow(
  snapshot: Snapshot,
  level: readonly number[],
  near: LinkEnd,
  count: number,
): Promise<number[]> {
  const far = near === 'cause' ? 'effect' : 'cause'
  const rows = await snapshot
    .withRecursive('link(near, far)', (db) =>
      db
        .selectFrom('event')
        .select((eb) => [
          'event.id as near',
          eb
            .selectFrom('edge')
            .select((edge) => edge.fn.min<number | null>(`edge.${far}`).as('far'))
            .whereRef(`edge.${near}`, '=', 'event.id')
            .as('far'),
        ])
        .where('event.id', 'in', idList(level))
        .unionAll(
          db
            .selectFrom('link')
            .select((eb) => [
              'link.near',
              eb
                .selectFrom('edge')
                .select((edge) => edge.fn.min<number | null>(`edge.${far}`).as('far'))
                .whereRef(`edge.${near}`, '=', 'link.near')
                .whereRef(`edge.${far}`, '>', 'link.far')
                .as('far'),
            ])
            .where('link.far', 'is not', null),
        )
        .orderBy('far'),
    )
    .selectFrom('link')
    .select('link.far')
    .distinct()
    .where('link.far', 'is not', null)
    .$narrowType<{ far: number }>()
    .limit(count)
    .execute()
  return rows.map(({ far: id }) => id)
}

/** Of any run: the earliest ends of a level's links, by looking at every one of them. */
async function earliestByTime(
  snapshot: Snapshot,
  level: readonly number[],
  near: LinkEnd,
  count: number,
): Promise<number[]> {
  const far = near === 'cause' ? 'effect' : 'cause'
  const rows = await snapshot
    .selectFrom('event')
    .select(['id', 'timestamp', 'event_id'])
    .where('id', 'in', (eb) =>
      eb.selectFrom('edge').select(`edge.${far}`).where(`edge.${near}`, 'in', idList(level)),
    )
    .orderBy('timestamp')
    .orderBy('event_id')
    .limit(count)
    .execute()
  return rows.map(({ id }) => id)
}
