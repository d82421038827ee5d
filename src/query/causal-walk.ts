import { TurnlogError } from '../errors.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { earliestEnds } from './earliest-ends.js'
import { idList } from './id-list.js'
import type { LinkEnd } from './links-of.js'
import type { SimulationRef } from './simulation-row.js'
import type { WorkLimit } from './work-limit.js'

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

/** From where a walk goes, and which way. */
export interface WalkStart {
  readonly simulation: SimulationRef
  readonly id: number
  readonly near: LinkEnd
}

/**
 * Follows the links of an event and of those it leads to, level by level.
 *
 * @param limit without one it is a short read
 * @throws TurnlogError QUERY_TOO_BROAD when the limit is reached, or a short read would not do
 */
export async function walkCausality(
  snapshot: Snapshot,
  { simulation, id: start, near }: WalkStart,
  { depth, maxNodes }: WalkBounds,
  limit?: WorkLimit,
): Promise<Walk> {
  // All that were seen, the start among them, and one more: either it is new, or none is.
  const count = maxNodes + 2
  const findSome = simulation.ordered ? earliestByRow : earliestByTime
  const findEarliest = async (level: readonly number[]): Promise<number[]> => {
    const found = await findSome(snapshot, level, near, count)
    if (found !== undefined) return found
    if (limit === undefined) throw tooManyLinks()
    return earliestEnds(snapshot, level, near, count, limit)
  }
  const seen = new Set([start])
  const events: WalkedEvent[] = []
  let level = [start]
  for (let distance = 1; distance <= depth && level.length > 0; distance++) {
    const found = await findEarliest(level)
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
 *
 * @returns undefined when too many links would have to be looked at
 */
async function earliestByRow(
  snapshot: Snapshot,
  level: readonly number[],
  near: LinkEnd,
  count: number,
): Promise<number[] | undefined> {
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
 * event in its place. Where most events of the level lead to the same ones, it
 * would come upon each of them again and again.
 */
async function mergeByRow(
  snapshot: Snapshot,
  level: readonly number[],
  near: LinkEnd,
  count: number,
): Promise<number[] | undefined> {
  const far = near === 'cause' ? 'effect' : 'cause'
  const most = MOST_LINKS * count
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
    .where('link.far', 'is not', null)
    .$narrowType<{ far: number }>()
    .limit(most)
    .execute()
  const ends = [...new Set(rows.map(({ far: id }) => id))]
  return rows.length === most && ends.length < count ? undefined : ends.slice(0, count)
}

/** How many links of a level are looked at in a short read. */
const MOST_SORTED = 5_000

/**
 * Of any run: the earliest ends of a level's links, by looking at every one of them.
 *
 * @returns undefined when there are too many
 */
async function earliestByTime(
  snapshot: Snapshot,
  level: readonly number[],
  near: LinkEnd,
  count: number,
): Promise<number[] | undefined> {
  const far = near === 'cause' ? 'effect' : 'cause'
  const links = await snapshot
    .selectFrom('edge')
    .select(`${far} as far`)
    .where(near, 'in', idList(level))
    .limit(MOST_SORTED)
    .execute()
  if (links.length === MOST_SORTED) return undefined
  const rows = await snapshot
    .selectFrom('event')
    .select('id')
    .where('id', 'in', idList(links.map((link) => link.far)))
    .orderBy('timestamp')
    .orderBy('event_id')
    .limit(count)
    .execute()
  return rows.map(({ id }) => id)
}

function tooManyLinks(): TurnlogError {
  return new TurnlogError('QUERY_TOO_BROAD', {
    message: 'the events that are walked to have more links than a short read looks at',
    hint: 'give the walk a limit of time',
  })
}
