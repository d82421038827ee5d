import { compareEvents, type EventPosition } from '../event/event-order.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { CellFilter, EventCell } from '../sidecar/event-cell.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { EventFilter } from './event-filter.js'
import { idList } from './id-list.js'
import type { Rest } from './look-through.js'
import type { Matches } from './matches.js'
import { countWhile } from './run-order.js'
import type { SimulationRef } from './simulation-row.js'

/** An event, and what tells whether a filter means it. */
export interface FoundEvent extends EventPosition {
  readonly id: number
  readonly simulation: number
  readonly turn: number
  readonly cell: EventCell
}

/** How many rows are read at once. */
const ROWS_AT_ONCE = 1_000

/** What the place of an event in its run must be like; see `EventFilter`. */
export interface PlaceFilter extends Pick<
  EventFilter,
  'startTimestamp' | 'endTimestamp' | 'turnStart' | 'turnEnd'
> {
  /** Undefined: any. */
  readonly cells: CellFilter | undefined
}

/** Events that were found one by one, in order. */
export class FoundEvents implements Matches {
  readonly #events: readonly FoundEvent[]

  constructor(events: readonly FoundEvent[]) {
    this.#events = events.toSorted(compareEvents)
  }

  get total(): number {
    return this.#events.length
  }

  rows(from: number, until: number): Promise<number[]> {
    return Promise.resolve(this.#events.slice(from, until).map(({ id }) => id))
  }

  countBefore(position: EventPosition): Promise<number> {
    return Promise.resolve(countWhile(this.#events, (event) => compareEvents(event, position) < 0))
  }
}

/** Of events of whatever run, by their row ids: those of one run that are where a filter says. */
export async function readFoundEvents(
  snapshot: Snapshot,
  simulation: SimulationRef,
  rows: readonly number[],
  filter: PlaceFilter,
  rest: Rest,
): Promise<FoundEvent[]> {
  const events: FoundEvent[] = []
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const found = await readEvents(snapshot, rows.slice(start, start + ROWS_AT_ONCE))
    events.push(...found.filter((event) => isMeant(event, simulation, filter)))
    await rest()
  }
  return events
}

function readEvents(snapshot: Snapshot, rows: readonly number[]) {
  return snapshot
    .selectFrom('event')
    .select(['id', 'simulation', 'timestamp', 'turn', 'cell', 'event_id as eventId'])
    .$narrowType<{ timestamp: TimestampMicros }>()
    .where('id', 'in', idList(rows))
    .execute()
}

function isMeant(
  { simulation, timestamp, turn, cell }: FoundEvent,
  { id }: SimulationRef,
  { startTimestamp, endTimestamp, turnStart, turnEnd, cells }: PlaceFilter,
): boolean {
  return (
    simulation === id &&
    timestamp >= (startTimestamp ?? -Infinity) &&
    timestamp <= (endTimestamp ?? Infinity) &&
    turn >= (turnStart ?? 0) &&
    turn <= (turnEnd ?? Infinity) &&
    cells?.has(cell) !== false
  )
}
