import type Database from 'better-sqlite3'
import { compareEvents, type EventPosition } from '../src/event/event-order.js'
import type { TimestampMicros } from '../src/event/timestamp.js'
import type { EventCell } from '../src/sidecar/event-cell.js'
import { unpackNumbers } from '../src/sidecar/packed-numbers.js'
import { MAX_LEAF_EVENTS, MAX_LEAVES } from '../src/sidecar/schema.js'
import { cutEvenly, cutFull } from './cut.js'
import {
  encodeLeaf,
  type LeafEvent,
  type LeafRow,
  mergeIntoLeaf,
  type OrderedEvent,
  readLeaf,
} from './leaf-events.js'
import { StretchTally, type TallyRow } from './stretch-tally.js'

/** How large the parts of an order may grow; the defaults are right but in tests. */
export interface OrderSizes {
  /** Up to {@link MAX_LEAF_EVENTS}. */
  readonly leafEvents: number
  /** Leaves of a stretch, from 2 to {@link MAX_LEAVES}. */
  readonly leaves: number
}

interface Keyed {
  readonly id: number
  readonly first_timestamp: TimestampMicros
  readonly first_event_id: string
}

interface LeafInsertion {
  /** By leaf, the cells of the events that it was given. */
  readonly added: readonly (readonly [leaf: number, cells: readonly EventCell[]])[]
  /** Whether all of them stand behind those that were there. */
  readonly appended: boolean
  /** Whether some that were there are in another leaf now. */
  readonly moved: boolean
}

/**
 * Keeps `stretch` and `leaf`, the order of each run: a tree of two levels, whose
 * leaves are cut in two when they are full. Events at the end of a run, the
 * rule, change its last leaf and the counts of its last stretch; an event in
 * between changes those it falls into, and no others.
 */
export class OrderTables {
  readonly #connection: Database.Database
  readonly #sizes: OrderSizes
  readonly #statements = new Map<string, Database.Statement>()

  constructor(
    connection: Database.Database,
    sizes: OrderSizes = { leafEvents: MAX_LEAF_EVENTS, leaves: MAX_LEAVES },
  ) {
    this.#connection = connection
    this.#sizes = sizes
  }

  /**
   * Puts events in their place. To be called inside a transaction.
   *
   * @param events in the order of (timestamp, event_id), none of which the run has yet
   */
  insert(simulation: number, events: readonly OrderedEvent[]): void {
    for (let from = 0; from < events.length;) {
      const position = events[from]
      if (position === undefined) return
      const stretch =
        this.#find('stretch', 'simulation', simulation, position) ??
        this.#insertStretch(simulation, position)
      const until = countBefore(
        events,
        from,
        this.#next('stretch', 'simulation', simulation, stretch),
      )
      this.#insertIntoStretch(simulation, stretch.id, events.slice(from, until))
      from = until
    }
  }

  #insertIntoStretch(simulation: number, id: number, events: readonly OrderedEvent[]): void {
    const counts = this.#tally(id)
    let appended = true
    let moved = false
    for (let from = 0; from < events.length;) {
      const position = events[from]
      if (position === undefined) return
      const leaf = this.#find('leaf', 'stretch', id, position)
      const next = leaf && this.#next('leaf', 'stretch', id, leaf)
      const until = countBefore(events, from, next)
      const inserted = this.#insertIntoLeaf(id, leaf?.id, events.slice(from, until))
      for (const [at, added] of inserted.added) counts.add(at, added)
      appended = inserted.appended && next === undefined
      moved ||= inserted.moved
      from = until
    }
    const leaves = this.#leavesInOrder(id)
    this.#updateStretch(id, moved ? this.#count(leaves) : counts)
    if (leaves.length <= this.#sizes.leaves) return
    const [kept = [], ...rest] = (appended ? cutFull : cutEvenly)(leaves, this.#sizes.leaves)
    for (const piece of rest) this.#moveLeaves(simulation, piece)
    this.#updateStretch(id, this.#count(kept))
  }

  /** Puts events into a leaf, or into a new one, and what is too many into further ones. */
  #insertIntoLeaf(
    stretch: number,
    id: number | undefined,
    events: readonly OrderedEvent[],
  ): LeafInsertion {
    const eventIdOf = (row: number): string =>
      String(this.#prepared('SELECT event_id FROM event WHERE id = ?').pluck().get(row))
    const before = id === undefined ? [] : readLeaf(this.#leaf(id))
    const { merged, appended } = mergeIntoLeaf(before, events, eventIdOf)
    const pieces = (appended ? cutFull : cutEvenly)(merged, this.#sizes.leafEvents)
    const isAdded = whichAreAdded(before, events, appended)
    const added = pieces.map((piece, index) => {
      const leaf = encodeLeaf(piece, eventIdOf)
      const at =
        index === 0 && id !== undefined
          ? this.#updateLeaf(id, leaf)
          : this.#insertLeaf(stretch, leaf)
      const start = index * (pieces[0]?.length ?? 0)
      const cells: EventCell[] = []
      for (const [place, event] of piece.entries()) {
        if (isAdded(event, start + place)) cells.push(event.cell)
      }
      return [at, cells] as const
    })
    const moved = pieces.length > 1 && (!appended || (pieces[0]?.length ?? 0) < before.length)
    return { added, appended, moved }
  }

  #moveLeaves(simulation: number, leaves: readonly number[]): void {
    const { id } = this.#insertStretch(simulation, this.#position(leaves[0] ?? 0))
    for (const leaf of leaves) {
      this.#prepared('UPDATE leaf SET stretch = ? WHERE id = ?').run(id, leaf)
    }
    this.#updateStretch(id, this.#count(leaves))
  }

  #count(leaves: readonly number[]): StretchTally {
    const counts = StretchTally.empty()
    for (const leaf of leaves) {
      const cells = this.#prepared('SELECT event_cells FROM leaf WHERE id = ?').pluck().get(leaf)
      counts.add(leaf, unpackNumbers(cells))
    }
    return counts
  }

  /** The last one that begins at a position or before it, else the first one. */
  #find(
    table: 'stretch' | 'leaf',
    parent: 'simulation' | 'stretch',
    id: number,
    { timestamp, eventId }: EventPosition,
  ): Keyed | undefined {
    const select = `SELECT id, first_timestamp, first_event_id FROM ${table} WHERE ${parent} = ?`
    const order = 'first_timestamp, first_event_id'
    return (this.#prepared(
      `${select} AND (${order}) <= (?, ?) ORDER BY first_timestamp DESC, first_event_id DESC LIMIT 1`,
    ).get(id, timestamp, eventId) ??
      this.#prepared(`${select} ORDER BY ${order} LIMIT 1`).get(id)) as Keyed | undefined
  }

  /** Where the one behind begins. */
  #next(
    table: 'stretch' | 'leaf',
    parent: 'simulation' | 'stretch',
    id: number,
    { first_timestamp, first_event_id }: Keyed,
  ): EventPosition | undefined {
    const next = this.#prepared(
      `SELECT id, first_timestamp, first_event_id FROM ${table} WHERE ${parent} = ?
        AND (first_timestamp, first_event_id) > (?, ?)
      ORDER BY first_timestamp, first_event_id LIMIT 1`,
    ).get(id, first_timestamp, first_event_id) as Keyed | undefined
    return next && positionOf(next)
  }

  #leavesInOrder(stretch: number): number[] {
    return this.#prepared(
      'SELECT id FROM leaf WHERE stretch = ? ORDER BY first_timestamp, first_event_id',
    )
      .pluck()
      .all(stretch) as number[]
  }

  #position(leaf: number): EventPosition {
    return positionOf(
      this.#prepared('SELECT id, first_timestamp, first_event_id FROM leaf WHERE id = ?').get(
        leaf,
      ) as Keyed,
    )
  }

  /** A stretch whose leaves are still to come. */
  #insertStretch(simulation: number, { timestamp, eventId }: EventPosition): Keyed {
    const { lastInsertRowid } = this.#prepared(
      `INSERT INTO stretch (simulation, first_timestamp, first_event_id, events, first_turn, last_turn,
        leaves, cells, cell_events, cell_leaves)
      VALUES (@simulation, @timestamp, @eventId, 0, 0, 0, @leaves, @cells, @cell_events, @cell_leaves)`,
    ).run({ simulation, timestamp, eventId, ...StretchTally.empty().encode() })
    return { id: Number(lastInsertRowid), first_timestamp: timestamp, first_event_id: eventId }
  }

  #tally(stretch: number): StretchTally {
    return StretchTally.decode(
      this.#prepared(
        'SELECT leaves, cells, cell_events, cell_leaves FROM stretch WHERE id = ?',
      ).get(stretch) as TallyRow,
    )
  }

  /** Makes a stretch say what its leaves say. */
  #updateStretch(id: number, counts: StretchTally): void {
    this.#prepared(
      `UPDATE stretch SET
        (first_timestamp, first_event_id) = (SELECT first_timestamp, first_event_id FROM leaf
          WHERE stretch = @id ORDER BY first_timestamp, first_event_id LIMIT 1),
        (events, first_turn, last_turn) =
          (SELECT sum(events), min(first_turn), max(last_turn) FROM leaf WHERE stretch = @id),
        leaves = @leaves, cells = @cells, cell_events = @cell_events, cell_leaves = @cell_leaves
      WHERE id = @id`,
    ).run({ id, ...counts.encode() })
  }

  #leaf(id: number): LeafRow {
    return this.#prepared(
      'SELECT event_cells, turns, event_rows, timestamps FROM leaf WHERE id = ?',
    ).get(id) as LeafRow
  }

  #insertLeaf(stretch: number, leaf: ReturnType<typeof encodeLeaf>): number {
    const { lastInsertRowid } = this.#prepared(
      `INSERT INTO leaf (stretch, first_timestamp, first_event_id, events, first_turn, last_turn,
        cells, cell_events, event_cells, turns, event_rows, timestamps)
      VALUES (@stretch, @first_timestamp, @first_event_id, @events, @first_turn, @last_turn,
        @cells, @cell_events, @event_cells, @turns, @event_rows, @timestamps)`,
    ).run({ ...leaf, stretch })
    return Number(lastInsertRowid)
  }

  #updateLeaf(id: number, leaf: ReturnType<typeof encodeLeaf>): number {
    this.#prepared(
      `UPDATE leaf SET first_timestamp = @first_timestamp, first_event_id = @first_event_id,
        events = @events, first_turn = @first_turn, last_turn = @last_turn, cells = @cells,
        cell_events = @cell_events, event_cells = @event_cells, turns = @turns,
        event_rows = @event_rows, timestamps = @timestamps
      WHERE id = @id`,
    ).run({ ...leaf, id })
    return id
  }

  #prepared(sql: string): Database.Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#connection.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/** Up to which event, from one on, they stand before a position; at the end without one. */
function countBefore(
  events: readonly OrderedEvent[],
  from: number,
  position: EventPosition | undefined,
): number {
  if (position === undefined) return events.length
  let until = from + 1
  for (;;) {
    const event = events[until]
    if (event === undefined || compareEvents(event, position) >= 0) return until
    until++
  }
}

/** Tells of the events of a leaf, by their places in it, which of them were added to it. */
function whichAreAdded(
  before: readonly LeafEvent[],
  added: readonly OrderedEvent[],
  appended: boolean,
): (event: LeafEvent, place: number) => boolean {
  if (appended) return (_, place) => place >= before.length
  const rows = new Set(added.map(({ row }) => row))
  return ({ row }) => rows.has(row)
}

function positionOf({ first_timestamp, first_event_id }: Keyed): EventPosition {
  return { timestamp: first_timestamp, eventId: first_event_id }
}
