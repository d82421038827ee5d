import { compareEvents, type EventPosition } from '../src/event/event-order.js'
import type { TimestampMicros } from '../src/event/timestamp.js'
import type { EventCell } from '../src/sidecar/event-cell.js'
import { packNumbers, unpackNumbers } from '../src/sidecar/packed-numbers.js'
import type { LeafTable } from '../src/sidecar/schema.js'

/** What the order of a run keeps of an event. */
export interface LeafEvent {
  readonly row: number
  readonly timestamp: TimestampMicros
  readonly turn: number
  readonly cell: EventCell
}

/** An event that is put in its place. */
export interface OrderedEvent extends LeafEvent, EventPosition {}

/** The columns of a leaf that hold its events. */
export type LeafRow = Pick<LeafTable, 'event_cells' | 'turns' | 'event_rows' | 'timestamps'>

/** The least and the largest turn. */
export type TurnSpan = Pick<LeafTable, 'first_turn' | 'last_turn'>

/** Gives the id of an event by its row. */
export type EventIdOf = (row: number) => string

/**
 * The events of a leaf.
 *
 * @throws RangeError when its columns were damaged
 */
export function readLeaf(leaf: LeafRow): LeafEvent[] {
  const cells = unpackNumbers(leaf.event_cells)
  const turns = unpackNumbers(leaf.turns)
  const timestamps = unpackNumbers(leaf.timestamps)
  return Array.from(unpackNumbers(leaf.event_rows), (row, index) => ({
    row,
    timestamp: (timestamps[index] ?? NaN) as TimestampMicros,
    turn: turns[index] ?? NaN,
    cell: cells[index] ?? NaN,
  }))
}

/** A leaf as its row says it. @param events at least one, in order */
export function encodeLeaf(
  events: readonly (LeafEvent & { readonly eventId?: string })[],
  eventIdOf: EventIdOf,
): Omit<LeafTable, 'id' | 'stretch'> {
  const [first] = events
  if (first === undefined) throw new RangeError('a leaf has events')
  return {
    first_timestamp: first.timestamp,
    first_event_id: first.eventId ?? eventIdOf(first.row),
    events: events.length,
    ...turnSpan(events),
    ...countCells(events),
    event_cells: packNumbers(events.map(({ cell }) => cell)),
    turns: packNumbers(events.map(({ turn }) => turn)),
    event_rows: packNumbers(events.map(({ row }) => row)),
    timestamps: packNumbers(events.map(({ timestamp }) => timestamp)),
  }
}

/** The turns that events span. @param events at least one */
export function turnSpan(events: readonly LeafEvent[]): TurnSpan {
  let first = Infinity
  let last = -Infinity
  for (const { turn } of events) {
    if (turn < first) first = turn
    if (turn > last) last = turn
  }
  return { first_turn: first, last_turn: last }
}

/** How many events there are of each cell. */
export function countCells(events: readonly LeafEvent[]): Pick<LeafTable, 'cells' | 'cell_events'> {
  const counts = new Map<EventCell, number>()
  for (const { cell } of events) counts.set(cell, (counts.get(cell) ?? 0) + 1)
  const sorted = [...counts].sort(([a], [b]) => a - b)
  return {
    cells: packNumbers(sorted.map(([cell]) => cell)),
    cell_events: packNumbers(sorted.map(([, count]) => count)),
  }
}

/** Two ordered lists as one, and whether it is the one behind the other. */
export function mergeIntoLeaf(
  before: readonly LeafEvent[],
  added: readonly OrderedEvent[],
  eventIdOf: EventIdOf,
): { readonly merged: (LeafEvent & { readonly eventId?: string })[]; readonly appended: boolean } {
  const merged: (LeafEvent & { readonly eventId?: string })[] = []
  let taken = 0
  let appended = true
  for (const event of added) {
    const place = placeIn(before, taken, event, eventIdOf)
    for (; taken < place; taken++) {
      const next = before[taken]
      if (next !== undefined) merged.push(next)
    }
    appended &&= place === before.length
    merged.push(event)
  }
  return { merged: [...merged, ...before.slice(taken)], appended }
}

/** How many of a list stand before an event, of which `from` are known to. */
function placeIn(
  list: readonly LeafEvent[],
  from: number,
  event: OrderedEvent,
  eventIdOf: EventIdOf,
): number {
  const standsBefore = ({ timestamp, row }: LeafEvent): boolean =>
    timestamp === event.timestamp
      ? compareEvents({ timestamp, eventId: eventIdOf(row) }, event) < 0
      : timestamp < event.timestamp
  const last = list.at(-1)
  if (last === undefined || standsBefore(last)) return list.length
  let low = from
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = list[middle]
    if (at !== undefined && standsBefore(at)) low = middle + 1
    else high = middle
  }
  return low
}
