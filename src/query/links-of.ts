import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { idList } from './id-list.js'
import type { WorkLimit } from './work-limit.js'

/** An end of a link: what is asked about comes from it, and goes on to the other one. */
export type LinkEnd = 'cause' | 'effect'

/** That one event was caused by another, by their rows. */
export interface RowLink {
  readonly cause: number
  readonly effect: number
}

/** Links in a piece: what is read within a few milliseconds. */
const MOST_LINKS = 2_000
/** Events whose links are asked for at once. */
const MOST_EVENTS = 500

/**
 * Reads the links of events piece by piece, also where there are millions.
 *
 * @param near the end of the links at which these events stand
 * @throws TurnlogError QUERY_TOO_BROAD when the limit is reached
 */
export async function* linksOf(
  snapshot: Snapshot,
  events: readonly number[],
  near: LinkEnd,
  limit: WorkLimit,
): AsyncGenerator<readonly RowLink[], undefined> {
  let size = MOST_EVENTS
  for (let at = 0; at < events.length;) {
    const some = events.slice(at, at + size)
    const [first] = some
    if (first !== undefined && some.length === 1) {
      yield* linksOfOne(snapshot, first, near, limit)
      size = 2
    } else {
      await limit.pause()
      const links = await selectLinks(snapshot).where(near, 'in', idList(some)).execute()
      if (links.length === MOST_LINKS) {
        // There may be more, and nothing says whose: with fewer events, down to the hub alone.
        size = Math.ceil(some.length / 2)
        continue
      }
      yield links
      if (links.length < MOST_LINKS / 2) size = Math.min(2 * size, MOST_EVENTS)
    }
    at += some.length
  }
}

/** The links of one event stand in order in the index, so each piece goes on where the last ended. */
async function* linksOfOne(
  snapshot: Snapshot,
  event: number,
  near: LinkEnd,
  limit: WorkLimit,
): AsyncGenerator<readonly RowLink[], undefined> {
  const far = near === 'cause' ? 'effect' : 'cause'
  for (let last: number | undefined = 0; last !== undefined;) {
    await limit.pause()
    const links: RowLink[] = await selectLinks(snapshot)
      .where(near, '=', event)
      .where(far, '>', last)
      .orderBy(far)
      .execute()
    yield links
    last = links.length === MOST_LINKS ? links.at(-1)?.[far] : undefined
  }
}

function selectLinks(snapshot: Snapshot) {
  return snapshot.selectFrom('edge').select(['cause', 'effect']).limit(MOST_LINKS)
}
