import type { EventBounds } from './event-bounds.js'
import type { Extent } from './equal-ranges.js'
import type { LeafColumn, PlacedSpan, RunOrder } from './run-order.js'
import type { WorkLimit } from './work-limit.js'

/** What events can be laid out along: their turns, or their instants. */
export type EventAxis = 'turn' | 'time'

/** The column of a leaf that says where its events are on an axis. */
export const AXIS_COLUMNS = {
  turn: 'turns',
  time: 'timestamps',
} as const satisfies Record<EventAxis, LeafColumn>

/** Between what the events of a span are; they need not reach either end. */
export function reachOf(axis: EventAxis, span: PlacedSpan): Extent {
  return axis === 'turn'
    ? { least: span.firstTurn, most: span.lastTurn }
    : { least: span.first.timestamp, most: span.notAfter }
}

/** Events of a run that lie within bounds, and the axis they are laid out along. */
export interface LaidOut {
  readonly order: RunOrder
  readonly bounds: EventBounds
  readonly axis: EventAxis
}

/** From the least to the largest turn, or instant, of the events; undefined without any. */
export async function findExtent(events: LaidOut, limit: WorkLimit): Promise<Extent | undefined> {
  const least = await findOutermost(events, -1, limit)
  const most = await findOutermost(events, 1, limit)
  return least === undefined || most === undefined ? undefined : { least, most }
}

/**
 * Looks for the largest value in one direction: opens what reaches furthest
 * first, and ends where nothing can lie further out than what was found.
 */
async function findOutermost(
  { order, bounds, axis }: LaidOut,
  direction: 1 | -1,
  limit: WorkLimit,
): Promise<number | undefined> {
  const reach = (span: PlacedSpan): number => {
    const { least, most } = reachOf(axis, span)
    if (axis === 'time') return direction === 1 ? most : -least
    return direction === 1 ? Math.min(most, bounds.turnEnd) : -Math.max(least, bounds.turnStart)
  }
  const furthestFirst = (spans: readonly PlacedSpan[]): PlacedSpan[] =>
    spans.filter((span) => !bounds.isOutside(span)).sort((a, b) => reach(b) - reach(a))

  let found = -Infinity
  for (const stretch of furthestFirst(order.stretches)) {
    if (reach(stretch) <= found) break
    for (const leaf of furthestFirst(await order.leavesOf(stretch))) {
      if (reach(leaf) <= found) break
      for (const value of await valuesIn({ order, bounds, axis }, leaf)) {
        found = Math.max(found, direction * value)
      }
    }
    await limit.pause()
  }
  return found === -Infinity ? undefined : direction * found
}

/** Where the events of a leaf that lie within the bounds are on the axis. */
async function valuesIn({ order, bounds, axis }: LaidOut, leaf: PlacedSpan): Promise<number[]> {
  const values = await order.columnsOf(AXIS_COLUMNS[axis], [leaf])
  const turns = await order.columnsOf('turns', bounds.isInTurns(leaf) ? [] : [leaf])
  const column = values.get(leaf) ?? []
  return Array.from(bounds.placesIn(leaf, turns.get(leaf)), (at) => column[at] ?? NaN)
}
