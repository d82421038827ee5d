import { compareEvents, type EventPosition } from '../event/event-order.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { CellFilter, EventCell } from '../sidecar/event-cell.js'
import { type UnpackedNumbers, unpackNumbers } from '../sidecar/packed-numbers.js'
import { MAX_LEAF_EVENTS, MAX_LEAVES, type StretchTable } from '../sidecar/schema.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { idList } from './id-list.js'
import type { SimulationRef } from './simulation-row.js'

/** A number of each event, or of each cell. */
export type Column = UnpackedNumbers

/** Events of a run that follow each other: a stretch or a leaf of the order. */
export interface Span {
  readonly id: number
  readonly first: EventPosition
  readonly events: number
  readonly firstTurn: number
  readonly lastTurn: number
  /** Where it is asked for: how many events of each cell there are. */
  readonly tally: CellTally | undefined
}

/** A span of which it is known where it stands. */
export interface PlacedSpan extends Span {
  /** How many events of the run stand before it. */
  readonly start: number
  /** No event of it is later: it is the instant at which the next span begins, or Infinity. */
  readonly notAfter: number
}

/** How many events there are of each cell, column by column. */
export interface CellTally {
  readonly cells: Column
  readonly events: Column
}

/** What can be read of each event of a leaf. */
export type LeafColumn = 'event_cells' | 'turns' | 'event_rows' | 'timestamps'

/**
 * The order of a run's events, in which each has a number from 0. Reads the
 * list of stretches once and leaves when they are asked for.
 */
export class RunOrder {
  readonly stretches: readonly PlacedSpan[]
  readonly #snapshot: Snapshot
  readonly #needsCells: boolean
  readonly #leaves = new Map<number, readonly PlacedSpan[]>()

  private constructor(snapshot: Snapshot, needsCells: boolean, stretches: readonly PlacedSpan[]) {
    this.#snapshot = snapshot
    this.#needsCells = needsCells
    this.stretches = stretches
  }

  static async read(
    snapshot: Snapshot,
    simulation: SimulationRef,
    { needsCells }: { readonly needsCells: boolean },
  ): Promise<RunOrder> {
    const rows = await snapshot
      .selectFrom('stretch')
      .select(SPAN_COLUMNS)
      .$if(needsCells, (query) => query.select(['cells', 'cell_events']))
      .where('simulation', '=', simulation.id)
      .orderBy('first_timestamp')
      .orderBy('first_event_id')
      .execute()
    const stretches = rows.map((row) => toSpan(row, MAX_LEAF_EVENTS * MAX_LEAVES))
    return new RunOrder(snapshot, needsCells, placeOneAfterAnother(stretches, 0, Infinity))
  }

  /** How many events the run has. */
  get events(): number {
    const last = this.stretches.at(-1)
    return last === undefined ? 0 : last.start + last.events
  }

  /** How many events the run has of each cell, where tallies were asked for. */
  countCells(): ReadonlyMap<EventCell, number> {
    const counts = new Map<EventCell, number>()
    for (const { tally } of this.stretches) {
      for (const [index, cell] of tally?.cells.entries() ?? []) {
        counts.set(cell, (counts.get(cell) ?? 0) + (tally?.events[index] ?? 0))
      }
    }
    return counts
  }

  /** All leaves of a stretch, in order. */
  async leavesOf({ id, start, notAfter }: PlacedSpan): Promise<readonly PlacedSpan[]> {
    let leaves = this.#leaves.get(id)
    if (leaves === undefined) {
      const rows = await this.#selectLeaves().where('stretch', '=', id).execute()
      leaves = placeOneAfterAnother(rows.map(toLeaf), start, notAfter)
      this.#leaves.set(id, leaves)
    }
    return leaves
  }

  /** By stretch, in order, the leaves that have events of some cells. */
  async leavesWith(
    stretches: readonly Span[],
    wanted: CellFilter,
  ): Promise<ReadonlyMap<number, readonly Span[]>> {
    const ids = stretches.map(({ id }) => id)
    const tallies = await this.#snapshot
      .selectFrom('stretch')
      .select(['cells', 'cell_leaves', 'leaves'])
      .where('id', 'in', idList(ids))
      .execute()
    const leaves = await this.#selectLeaves()
      .where('id', 'in', idList(tallies.flatMap((tally) => leavesWith(tally, wanted))))
      .execute()
    return new Map(
      ids.map((id) => [id, leaves.filter(({ stretch }) => stretch === id).map(toLeaf)]),
    )
  }

  #selectLeaves() {
    return this.#snapshot
      .selectFrom('leaf')
      .select([...SPAN_COLUMNS, 'stretch'])
      .$if(this.#needsCells, (query) => query.select(['cells', 'cell_events']))
      .orderBy('first_timestamp')
      .orderBy('first_event_id')
  }

  /** How many events stand before a position, whether or not one stands there. */
  async countBefore(position: EventPosition): Promise<number> {
    const stretch = lastBefore(this.stretches, position)
    const leaf = stretch && lastBefore(await this.leavesOf(stretch), position)
    if (leaf === undefined) return 0
    const { timestamps, event_rows: rows } = await this.#snapshot
      .selectFrom('leaf')
      .select(['timestamps', 'event_rows'])
      .where('id', '=', leaf.id)
      .executeTakeFirstOrThrow()
    const instants = unpackColumn(timestamps, leaf)
    const { timestamp, eventId } = position
    const from = countWhile(instants, (instant) => instant < timestamp)
    if (eventId === '' || instants[from] !== timestamp) return leaf.start + from
    const until = countWhile(instants, (instant) => instant <= timestamp)
    const equals = unpackColumn(rows, leaf).subarray(from, until)
    return leaf.start + from + (await this.#countBeforeId(equals, position))
  }

  /** How many of these rows, which share an instant and are in order, stand before a position. */
  async #countBeforeId(rows: Column, position: EventPosition): Promise<number> {
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const { event_id: eventId } = await this.#snapshot
        .selectFrom('event')
        .select('event_id')
        .where('id', '=', rows[middle] ?? 0)
        .executeTakeFirstOrThrow()
      if (compareEvents({ timestamp: position.timestamp, eventId }, position) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** A column of leaves, by leaf. */
  async columnsOf(name: LeafColumn, leaves: readonly Span[]): Promise<ReadonlyMap<Span, Column>> {
    if (leaves.length === 0) return new Map()
    const byId = new Map(leaves.map((leaf) => [leaf.id, leaf]))
    const rows = await this.#snapshot
      .selectFrom('leaf')
      .select(['id', `${name} as packed`])
      .where('id', 'in', idList(byId.keys()))
      .execute()
    return new Map(
      rows.flatMap(({ id, packed }) => {
        const leaf = byId.get(id)
        return leaf === undefined ? [] : [[leaf, unpackColumn(packed, leaf)] as const]
      }),
    )
  }
}

const SPAN_COLUMNS = [
  'id',
  'first_timestamp',
  'first_event_id',
  'events',
  'first_turn',
  'last_turn',
] as const

interface SpanRow {
  readonly id: number
  readonly first_timestamp: number
  readonly first_event_id: string
  readonly events: number
  readonly first_turn: number
  readonly last_turn: number
  readonly cells?: Uint8Array
  readonly cell_events?: Uint8Array
}

/** @throws RangeError when a damaged row counts what no row has */
function toSpan(row: SpanRow, most: number): Span {
  const { id, events, first_turn: firstTurn, last_turn: lastTurn } = row
  if (!Number.isInteger(events) || events < 0 || events > most) {
    throw new RangeError(`a part of a run has ${events} events`)
  }
  const first = { timestamp: row.first_timestamp as TimestampMicros, eventId: row.first_event_id }
  const tally = row.cells && {
    cells: unpackNumbers(row.cells),
    events: unpackNumbers(row.cell_events),
  }
  return { id, first, events, firstTurn, lastTurn, tally }
}

function toLeaf(row: SpanRow): Span {
  return toSpan(row, MAX_LEAF_EVENTS)
}

/** Places spans behind so many events, with none of them later than an instant. */
function placeOneAfterAnother(
  spans: readonly Span[],
  before: number,
  notAfter: number,
): PlacedSpan[] {
  let start = before
  return spans.map(({ id, first, events, firstTurn, lastTurn, tally }, index) => {
    const end = spans[index + 1]?.first.timestamp ?? notAfter
    // One by one: spreading an object takes longer than reading it.
    const placed = { id, first, events, firstTurn, lastTurn, tally, start, notAfter: end }
    start += events
    return placed
  })
}

/** The ids of a stretch's leaves that have events of some cells. */
function leavesWith(
  tally: Pick<StretchTable, 'cells' | 'cell_leaves' | 'leaves'>,
  wanted: CellFilter,
): number[] {
  const masks = unpackNumbers(tally.cell_leaves)
  let mask = 0
  for (const [index, cell] of unpackNumbers(tally.cells).entries()) {
    if (wanted.has(cell)) mask |= masks[index] ?? 0
  }
  return [...unpackNumbers(tally.leaves)].filter((_, place) => ((mask >>> place) & 1) === 1)
}

/** The last one that begins before a position: where what stands before it ends. */
function lastBefore<S extends Span>(spans: readonly S[], position: EventPosition): S | undefined {
  return spans[countWhile(spans, ({ first }) => compareEvents(first, position) < 0) - 1]
}

/** How many a sorted list begins with that pass a test. */
export function countWhile<T>(list: ArrayLike<T>, passes: (value: T) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const value = list[middle]
    if (value !== undefined && passes(value)) low = middle + 1
    else high = middle
  }
  return low
}

/** @throws RangeError when a damaged column has more or fewer numbers than there are events */
function unpackColumn(packed: Uint8Array, { events }: Pick<Span, 'events'>): Column {
  const column = unpackNumbers(packed)
  if (column.length !== events) throw new RangeError('a leaf has not one number for each event')
  return column
}
