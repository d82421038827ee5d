import type Database from 'better-sqlite3'
import { compareEvents, type EventPosition } from '../src/event/event-order.js'
import type { LeafTable, StretchTable } from '../src/sidecar/schema.js'
import { unpackNumbers } from '../src/sidecar/packed-numbers.js'
import type { Difference } from './difference.js'
import { countCells, type LeafEvent, readLeaf, turnSpan } from './leaf-events.js'
import { StretchTally } from './stretch-tally.js'
import { RowSet } from './row-set.js'

type Leaf = Omit<LeafTable, 'id'> & { readonly id: number }
type Stretch = Omit<StretchTable, 'id'> & { readonly id: number }

interface EventRow extends Omit<LeafEvent, 'cell'> {
  readonly cell: number
  readonly simulation: number
  readonly eventId: string
}

/**
 * Where the kept order of a run is not that of its events, or counts them
 * otherwise. Whether the events are those of the lines is shown elsewhere.
 *
 * @param rows how many events the run has in the sidecar
 */
export function* findOrderProblems(
  connection: Database.Database,
  simulation: number,
  rows: number,
): Generator<Difference> {
  const order = new OrderWalk(connection, simulation)
  const stretches = connection
    .prepare<[number], Stretch>(
      'SELECT * FROM stretch WHERE simulation = ? ORDER BY first_timestamp, first_event_id',
    )
    .all(simulation)
  for (const stretch of stretches) yield* order.walkStretch(stretch)
  if (order.events !== rows) {
    const problem = `${order.events} of ${rows} events have their place in the order of time`
    yield { problem }
    yield* order.eventsWithoutPlace()
  }
  const ordered = connection
    .prepare<[number], number>('SELECT ordered FROM simulation WHERE id = ?')
    .pluck()
    .get(simulation)
  if (ordered !== 0 && ordered !== 1) {
    const problem = `ordered is kept as ${ordered ?? 'null'}, but is 0 or 1`
    yield { table: 'simulation', row: simulation, problem }
  }
  if (ordered === 1 && order.rowsBack > 0) {
    const problem = `the run is kept as ordered, but ${order.rowsBack} rows are not in order`
    yield { table: 'simulation', row: simulation, problem }
  }
}

/** Goes from event to event, in the order that is kept. */
class OrderWalk {
  readonly #connection: Database.Database
  readonly #simulation: number
  /** The rows of events that stand where they belong. */
  readonly #placed = new RowSet()
  readonly #leaves: Database.Statement<[number], Leaf>
  readonly #event: Database.Statement<[number], EventRow>
  #last: (EventPosition & { readonly row: number }) | undefined
  /** Events that stand where they belong. Each stands behind the one before, so none counts twice. */
  events = 0
  /** How often the next event has a lower row. */
  rowsBack = 0

  constructor(connection: Database.Database, simulation: number) {
    this.#connection = connection
    this.#simulation = simulation
    this.#leaves = connection.prepare(
      'SELECT * FROM leaf WHERE stretch = ? ORDER BY first_timestamp, first_event_id',
    )
    this.#event = connection.prepare(
      `SELECT simulation, id AS row, timestamp, event_id AS eventId, turn, cell
      FROM event WHERE id = ?`,
    )
  }

  *walkStretch(stretch: Stretch): Generator<Difference> {
    const leaves = this.#leaves.all(stretch.id)
    const counts = StretchTally.empty()
    for (const leaf of leaves) {
      const events = unlessDamaged(() => readLeaf(leaf))
      if (events === undefined) yield unreadable('leaf', leaf.id)
      else {
        yield* this.#walkLeaf(leaf, events)
        counts.add(
          leaf.id,
          events.map(({ cell }) => cell),
        )
      }
    }
    const kept = unlessDamaged(() => StretchTally.decode(stretch).describe())
    if (kept === undefined) yield unreadable('stretch', stretch.id)
    const [first] = leaves
    yield* differences(
      'stretch',
      { ...stretch, counts: kept },
      {
        first_timestamp: first?.first_timestamp,
        first_event_id: first?.first_event_id,
        events: leaves.reduce((sum, { events }) => sum + events, 0),
        first_turn: leaves.reduce((least, leaf) => Math.min(least, leaf.first_turn), Infinity),
        last_turn: leaves.reduce((most, leaf) => Math.max(most, leaf.last_turn), -Infinity),
        counts: kept && counts.describe(),
      },
    )
  }

  *#walkLeaf(leaf: Leaf, events: readonly LeafEvent[]): Generator<Difference> {
    const [first] = events
    const kept = { ...leaf, counts: unlessDamaged(() => describeCounts(leaf)) }
    yield* differences('leaf', kept, {
      first_timestamp: first?.timestamp,
      first_event_id: first && this.#event.get(first.row)?.eventId,
      events: events.length,
      ...turnSpan(events),
      counts: describeCounts(countCells(events)),
    })
    for (const event of events) yield* this.#step(event, { table: 'leaf', row: leaf.id })
  }

  *#step(kept: LeafEvent, leaf: Pick<Difference, 'table' | 'row'>): Generator<Difference> {
    const event = this.#event.get(kept.row)
    if (event?.simulation !== this.#simulation) {
      const problem = `a place in the order of time leads to row ${kept.row}, which is no event of the run`
      yield { ...leaf, problem }
      return
    }
    const place = { event_id: event.eventId, ...leaf }
    const isKept =
      kept.timestamp === event.timestamp && kept.turn === event.turn && kept.cell === event.cell
    if (!isKept) {
      const problem = `the order of time does not keep the time, turn and cell of event ${event.eventId}`
      yield { ...place, problem }
    }
    const position = { timestamp: event.timestamp, eventId: event.eventId }
    if (this.#last !== undefined && compareEvents(this.#last, position) >= 0) {
      const problem = `event ${event.eventId} does not stand where it belongs in the order of time`
      yield { ...place, problem }
      return
    }
    if (this.#last !== undefined && this.#last.row > kept.row) this.rowsBack++
    this.#last = { ...position, row: kept.row }
    this.#placed.add(kept.row)
    this.events++
  }

  /** To be called at the end. */
  *eventsWithoutPlace(): Generator<Difference> {
    const rows = this.#connection
      .prepare<[number], { row: number; eventId: string }>(
        'SELECT id AS row, event_id AS eventId FROM event WHERE simulation = ? ORDER BY id',
      )
      .iterate(this.#simulation)
    for (const { row, eventId } of rows) {
      if (this.#placed.has(row)) continue
      const problem = `event ${eventId} has no place in the order of time`
      yield { event_id: eventId, table: 'event', row, problem }
    }
  }
}

/** @throws RangeError when the columns were damaged */
function describeCounts({ cells, cell_events: packed }: ReturnType<typeof countCells>): string {
  const counts = unpackNumbers(packed)
  return Array.from(
    unpackNumbers(cells),
    (cell, index) => `${counts[index]} events of cell ${cell}`,
  ).join('; ')
}

/** What is kept of a stretch or leaf, and what its events say. */
function* differences<T extends object>(
  what: 'stretch' | 'leaf',
  kept: T & { readonly id: number },
  expected: { readonly [K in keyof T]?: unknown },
): Generator<Difference> {
  for (const [column, value] of Object.entries(kept)) {
    const counted: unknown = Object.entries(expected).find(([name]) => name === column)?.[1]
    if (!(column in expected) || value === counted) continue
    const problem = `${column} of ${what} ${kept.id} is kept as ${String(value)}, but is ${String(counted)}`
    yield { table: what, row: kept.id, problem }
  }
}

function unreadable(table: 'stretch' | 'leaf', row: number): Difference {
  return { table, row, problem: `${table} ${row} cannot be read` }
}

/** Undefined when what is read was damaged. */
function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
