import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { type LinkEnd, linksOf, type RowLink } from './links-of.js'
import { RowDistances } from './row-distances.js'
import type { WorkLimit } from './work-limit.js'

/** What asking for a piece costs, in links: as much time as so many take to be read. */
const PIECE_COST = 100

/** What can be reached from an event in one direction, level by level, in pieces. */
class CausalFront {
  readonly distances = new RowDistances()
  /** By distance, each of them complete. */
  readonly levels: (readonly number[])[]
  /** What was read so far, in links. */
  cost = 0
  readonly #snapshot: Snapshot
  readonly #near: LinkEnd
  readonly #limit: WorkLimit
  /** Of the last level. */
  #links: AsyncGenerator<readonly RowLink[], undefined>
  #nextLevel: number[] = []

  /** @param near the end of links at which a level stands; the next one stands at the other */
  constructor(snapshot: Snapshot, start: number, near: LinkEnd, limit: WorkLimit) {
    this.#snapshot = snapshot
    this.#near = near
    this.#limit = limit
    this.levels = [[start]]
    this.distances.set(start, 0)
    this.#links = linksOf(snapshot, [start], near, limit)
  }

  get depth(): number {
    return this.levels.length - 1
  }

  get level(): readonly number[] {
    return this.levels.at(-1) ?? []
  }

  /** Reads another piece. @returns whether a level is complete with it */
  async advance(): Promise<boolean> {
    const { done, value: links } = await this.#links.next()
    if (done !== true) {
      this.#take(links)
      return false
    }
    this.levels.push(this.#nextLevel)
    this.#nextLevel = []
    this.#links = linksOf(this.#snapshot, this.level, this.#near, this.#limit)
    return true
  }

  #take(links: readonly RowLink[]): void {
    this.cost += links.length + PIECE_COST
    const far = this.#near === 'cause' ? 'effect' : 'cause'
    for (const { [far]: row } of links) {
      if (this.distances.get(row) !== undefined) continue
      this.distances.set(row, this.depth + 1)
      this.#nextLevel.push(row)
    }
  }
}

/** Where two searches met that went towards each other. */
export interface Meeting {
  readonly fromCause: CausalFront
  readonly fromEffect: CausalFront
  /** The events halfway on the shortest paths: in the last level of both. */
  readonly rows: readonly number[]
}

/** From where to where, by their rows. */
interface SearchEnds {
  readonly cause: number
  readonly effect: number
  /** What may be read, in links; as much as it takes unless told otherwise. */
  readonly mostCost?: number
}

/**
 * Searches from both ends of a path for where its halves meet. It is always the
 * turn of the one that has read less, for one piece: a hub's effects do not hold
 * up the other, and who has the narrower levels gets further.
 *
 * @returns undefined when there is no path, or none was found for the cost
 * @throws TurnlogError QUERY_TOO_BROAD when the limit is reached
 */
export async function searchMeeting(
  snapshot: Snapshot,
  { cause, effect, mostCost = Infinity }: SearchEnds,
  limit: WorkLimit,
): Promise<Meeting | undefined> {
  const fromCause = new CausalFront(snapshot, cause, 'cause', limit)
  const fromEffect = new CausalFront(snapshot, effect, 'effect', limit)
  let wayBack = cause > effect ? searchWayBack(snapshot, effect, limit) : undefined
  while (fromCause.cost + fromEffect.cost < mostCost) {
    const isCausesTurn = fromCause.cost <= fromEffect.cost
    const front = isCausesTurn ? fromCause : fromEffect
    if (await front.advance()) {
      if (front.level.length === 0) return undefined
      const { distances, depth } = isCausesTurn ? fromEffect : fromCause
      // A level that is not complete yet is one further.
      const rows = front.level.filter((row) => distances.get(row) === depth)
      if (rows.length > 0) return { fromCause, fromEffect, rows }
    }
    const back = await wayBack?.next()
    if (back?.done !== true) continue
    if (!back.value) return undefined
    wayBack = undefined
  }
  return undefined
}

/** Rows that are looked at in a piece. */
const ROWS_AT_ONCE = 20_000

/**
 * Looks piece by piece for a link that leads from behind a row back to it, or
 * to one before it. Without one, no path does: most runs have causes before
 * effects, and this is known long before all paths from a row have ended.
 */
async function* searchWayBack(
  snapshot: Snapshot,
  row: number,
  limit: WorkLimit,
): AsyncGenerator<undefined, boolean> {
  for (let before = 0; before < row; before += ROWS_AT_ONCE) {
    await limit.pause()
    const link = await snapshot
      .selectFrom('edge')
      .select('cause')
      .where('effect', '>', before)
      .where('effect', '<=', Math.min(before + ROWS_AT_ONCE, row))
      // Not the column itself, whose index SQLite might take instead.
      .where((eb) => eb(eb('cause', '+', 0), '>', row))
      .limit(1)
      .executeTakeFirst()
    if (link !== undefined) return true
    yield
  }
  return false
}
