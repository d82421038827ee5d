import type { EventPosition } from '../event/event-order.js'
import type { PageOrder } from './page-cursor.js'

/** Events of a run in the order of (timestamp, event_id), each with a number from 0 among them. */
export interface Matches {
  /** How many there are. */
  readonly total: number
  /** The row ids of those from a number up to another one, in order. */
  rows(from: number, until: number): Promise<number[]>
  /** How many of them stand before a position. */
  countBefore(position: EventPosition): Promise<number>
}

/** {@link Matches.rows} where the numbers are those of another order. */
export async function rowsInOrder(
  matches: Matches,
  order: PageOrder,
  from: number,
  until: number,
): Promise<number[]> {
  if (order === 'asc') return matches.rows(from, until)
  return (await matches.rows(matches.total - until, matches.total - from)).reverse()
}

/** How many stand, in an order, up to a position and on it. */
export async function countUpTo(
  matches: Matches,
  order: PageOrder,
  position: EventPosition,
): Promise<number> {
  return order === 'asc'
    ? matches.countBefore(justBehind(position))
    : matches.total - (await matches.countBefore(position))
}

/** No id sorts between one and itself with the least character behind it. */
function justBehind(position: EventPosition): EventPosition {
  return { ...position, eventId: `${position.eventId}\0` }
}
