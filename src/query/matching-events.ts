import type { EventPosition } from '../event/event-order.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { CellFilter } from '../sidecar/event-cell.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { EventFilter } from './event-filter.js'
import { findCells } from './find-cells.js'
import {
  type Column,
  type Leaf,
  type PlacedLeaf,
  RunOrder,
  type Span,
  type Stretch,
} from './run-order.js'
import type { SimulationRef } from './simulation-row.js'

/** What an event must be, wherever it stands. */
interface Test {
  /** Undefined: any. */
  readonly cells: CellFilter | undefined
  readonly turnStart: number
  readonly turnEnd: number
}

/**
 * The events that a filter matches, in order, each with a number from 0 among
 * them. Whole stretches are counted by their tally; only those in which a bound
 * of time or turns, or a place that is asked for, lies are opened.
 */
export class MatchingEvents {
  readonly #order: RunOrder
  readonly #test: Test
  /** Numbers of the run's events: bounds of time are bounds of these. */
  readonly #from: number
  readonly #until: number
  /** By stretch: how many matches stand before it; at the end: how many there are. */
  readonly #before: number[] = [0]
  /** Of the leaves that a bound of turns cuts, once they are opened. */
  readonly #turns = new Map<Leaf, Column>()
  readonly #places = new Map<Leaf, Uint16Array>()

  private constructor(order: RunOrder, test: Test, from: number, until: number) {
    this.#order = order
    this.#test = test
    this.#from = from
    this.#until = until
  }

  static async find(
    snapshot: Snapshot,
    simulation: SimulationRef,
    filter: EventFilter,
  ): Promise<MatchingEvents> {
    const { startTimestamp, endTimestamp, turnStart, turnEnd } = filter
    const cells = await findCells(snapshot, filter)
    const order = await RunOrder.read(snapshot, simulation, { needsCells: cells !== undefined })
    const test = {
      cells,
      turnStart: turnStart ?? 0,
      turnEnd: turnEnd ?? Infinity,
    }
    const from = startTimestamp === undefined ? 0 : await order.countBefore(instant(startTimestamp))
    const until =
      endTimestamp === undefined
        ? order.events
        : await order.countBefore(instant((endTimestamp + 1) as TimestampMicros))
    const matching = new MatchingEvents(order, test, from, until)
    await matching.#count()
    return matching
  }

  /** How many there are. */
  get total(): number {
    return this.#before.at(-1) ?? 0
  }

  async #count(): Promise<void> {
    for (const stretch of this.#order.stretches) {
      this.#before.push(this.total + (await this.#countStretch(stretch)))
    }
  }

  async #countStretch(stretch: Stretch): Promise<number> {
    if (this.#isOutside(stretch)) return 0
    if (this.#isInside(stretch)) return countInside(stretch, this.#test.cells)
    const leaves = await this.#leavesOf(stretch)
    return leaves.reduce((sum, leaf) => sum + this.#countIn(leaf), 0)
  }

  /** The leaves of a stretch, with all that is needed to tell their matches. */
  async #leavesOf(stretch: Stretch): Promise<readonly PlacedLeaf[]> {
    const leaves = await this.#order.leavesOf(stretch)
    const cut = leaves.filter(
      (leaf) => !this.#isOutside(leaf) && !this.#isInTurns(leaf) && !this.#turns.has(leaf),
    )
    if (cut.length > 0) {
      for (const [leaf, turns] of await this.#order.turnsOf(cut)) this.#turns.set(leaf, turns)
    }
    return leaves
  }

  #countIn(leaf: PlacedLeaf): number {
    if (this.#isOutside(leaf)) return 0
    return this.#isInside(leaf) ? this.#countInside(leaf) : this.#placesInCut(leaf).length
  }

  /** How many match in a leaf that lies within all bounds. */
  #countInside({ events, cells }: Leaf): number {
    return cells === undefined || this.#test.cells === undefined
      ? events
      : this.#test.cells.count(cells)
  }

  /** Where the matches stand in a leaf; undefined when all its events are matches. */
  #placesIn(leaf: PlacedLeaf): Places {
    if (this.#isOutside(leaf)) return new Uint16Array()
    return this.#isInside(leaf) ? this.#placesInside(leaf) : this.#placesInCut(leaf)
  }

  /** Likewise, in a leaf that lies within all bounds. */
  #placesInside({ cells }: Leaf): Places {
    return cells && this.#test.cells?.places(cells)
  }

  /** Likewise, in a leaf that a bound cuts. */
  #placesInCut(leaf: PlacedLeaf): Uint16Array {
    let places = this.#places.get(leaf)
    if (places === undefined) this.#places.set(leaf, (places = this.#testEach(leaf)))
    return places
  }

  #testEach(leaf: PlacedLeaf): Uint16Array {
    const { cells, turnStart, turnEnd } = this.#test
    const turns = this.#turns.get(leaf)
    const first = Math.max(0, this.#from - leaf.start)
    const end = Math.min(leaf.events, this.#until - leaf.start)
    const places = new Uint16Array(leaf.events)
    let found = 0
    for (let at = first; at < end; at++) {
      const turn = turns?.[at] ?? turnStart
      if (turn < turnStart || turn > turnEnd) continue
      if (cells?.has(leaf.cells?.[at] ?? 0) === false) continue
      places[found++] = at
    }
    return places.subarray(0, found)
  }

  #isOutside({ start, events, firstTurn, lastTurn }: Span): boolean {
    const { turnStart, turnEnd } = this.#test
    return (
      start >= this.#until ||
      start + events <= this.#from ||
      lastTurn < turnStart ||
      firstTurn > turnEnd
    )
  }

  #isInside(span: Span): boolean {
    const { start, events } = span
    return start >= this.#from && start + events <= this.#until && this.#isInTurns(span)
  }

  #isInTurns({ firstTurn, lastTurn }: Span): boolean {
    const { turnStart, turnEnd } = this.#test
    return firstTurn >= turnStart && lastTurn <= turnEnd
  }

  /** How many matches stand before a position. */
  async countBefore(position: EventPosition): Promise<number> {
    const place = await this.#order.countBefore(position)
    const index = this.#order.stretches.findLastIndex(({ start }) => start < place)
    const stretch = this.#order.stretches[index]
    if (stretch === undefined) return 0
    let count = this.#before[index] ?? 0
    for (const leaf of await this.#leavesOf(stretch)) {
      if (leaf.start >= place) break
      const end = place - leaf.start
      if (end >= leaf.events) count += this.#countIn(leaf)
      else count += this.#placesIn(leaf)?.filter((at) => at < end).length ?? end
    }
    return count
  }

  /** The row ids of matches from a number up to another one, in order. */
  async rows(from: number, until: number): Promise<number[]> {
    const parts = await this.#partsOf(from, until)
    const rows = await this.#order.rowsOf(parts.map(({ leaf }) => leaf))
    return parts.flatMap(({ leaf, places, from, until }) => {
      const inLeaf = rows.get(leaf) ?? new Float64Array()
      return places === undefined
        ? Array.from(inLeaf.subarray(from, until))
        : Array.from(places.subarray(from, until), (at) => inLeaf[at] ?? NaN)
    })
  }

  /** The leaves in which these matches stand, and which of each. */
  async #partsOf(from: number, until: number): Promise<Part[]> {
    const stretches = this.#order.stretches
      .map((stretch, index) => ({ stretch, before: this.#before[index] ?? 0 }))
      .filter(({ before }, index) => before < until && from < (this.#before[index + 1] ?? 0))
    const sparse = await this.#leavesWith(stretches.map(({ stretch }) => stretch))
    const parts: Part[] = []
    for (const { stretch, before } of stretches) {
      let end = before
      const take = (count: number, leaf: Leaf, places: () => Places): void => {
        const start = end
        end += count
        if (end <= from || start >= until) return
        const part = { from: Math.max(0, from - start), until: Math.min(count, until - start) }
        parts.push({ leaf, places: places(), ...part })
      }
      const inside = sparse.get(stretch.id)
      if (inside === undefined) {
        for (const leaf of await this.#leavesOf(stretch)) {
          take(this.#countIn(leaf), leaf, () => this.#placesIn(leaf))
        }
      } else {
        for (const leaf of inside) {
          take(this.#countInside(leaf), leaf, () => this.#placesInside(leaf))
        }
      }
    }
    return parts
  }

  /** Of stretches that lie within all bounds: the leaves that have matches. */
  async #leavesWith(stretches: readonly Stretch[]): Promise<ReadonlyMap<number, readonly Leaf[]>> {
    const { cells } = this.#test
    if (cells === undefined) return new Map()
    return this.#order.leavesWith(
      stretches.filter((stretch) => this.#isInside(stretch)),
      cells,
    )
  }
}

/** Where some events stand in a leaf; undefined: all of them. */
type Places = Uint16Array | undefined

/** Some of the matches in a leaf, by their numbers among these. */
interface Part {
  readonly leaf: Leaf
  readonly places: Places
  readonly from: number
  readonly until: number
}

function countInside(
  { events, cells, cellEvents }: Stretch,
  wanted: CellFilter | undefined,
): number {
  if (wanted === undefined || cells === undefined) return events
  let count = 0
  for (let index = 0; index < cells.length; index++) {
    if (wanted.has(cells[index] ?? 0)) count += cellEvents?.[index] ?? 0
  }
  return count
}

/** Before every event at this instant. */
function instant(timestamp: TimestampMicros): EventPosition {
  return { timestamp, eventId: '' }
}
