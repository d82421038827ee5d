import { compareEvents } from '../event/event-order.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { type PlacedRow, readPositions } from './event-positions.js'
import { type LinkEnd, linksOf } from './links-of.js'
import type { WorkLimit } from './work-limit.js'

/**
 * The earliest events at the other ends of a level's links, each once, in
 * order. Looks at every link, however many there are, piece by piece.
 *
 * @throws TurnlogError QUERY_TOO_BROAD when the limit is reached
 */
export async function earliestEnds(
  snapshot: Snapshot,
  level: readonly number[],
  near: LinkEnd,
  count: number,
  limit: WorkLimit,
): Promise<number[]> {
  const far = near === 'cause' ? 'effect' : 'cause'
  let ends = new Map<number, PlacedRow>()
  for await (const links of linksOf(snapshot, level, near, limit)) {
    const ids = links.map((link) => link[far]).filter((id) => !ends.has(id))
    for (const row of await readPositions(snapshot, ids)) ends.set(row.id, row)
    // Not at every piece: sorting would take longer than reading.
    if (ends.size > 2 * count) ends = firstOf(ends, count)
  }
  return [...firstOf(ends, count).keys()]
}

function firstOf(ends: ReadonlyMap<number, PlacedRow>, count: number): Map<number, PlacedRow> {
  const first = [...ends.values()].sort(compareEvents).slice(0, count)
  return new Map(first.map((row) => [row.id, row]))
}
