import type { EventPosition } from '../event/event-order.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { CellFilter } from '../sidecar/event-cell.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { EventFilter } from './event-filter.js'
import { findCells } from './find-cells.js'
import { type Leaf, type PlacedLeaf, RunOrder, type Span, type Stretch } from './run-order.js'
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
    const order = await RunOrder.read(snapshot, simulation, {
      cells: cells !== undefined,
      turns: turnStart !== undefined || turnEnd !== undefined,
    })
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
    const leaves = await this.#order.leavesOf(stretch)
    return leaves.reduce((sum, leaf) => sum + countIn(leaf, this.#matchesIn(leaf)), 0)
  }

  /** Where the matches stand in a leaf; undefined when all its events are matches. */
  #matchesIn(leaf: PlacedLeaf): Places {
    if (this.#isOutside(leaf)) return new Uint16Array()
    if (this.#isInside(leaf)) return this.#matchesInside(leaf)
    return this.#remember(leaf, () => {
      const { cells, turnStart, turnEnd } = this.#test
      const first = Math.max(0, this.#from - leaf.start)
      const end = Math.min(leaf.events, this.#until - leaf.start)
      const places = new Uint16Array(leaf.events)
      let found = 0
      for (let at = first; at < end; at++) {
        const turn = leaf.turns?.[at] ?? turnStart
        if (turn < turnStart || turn > turnEnd) continue
        if (cells?.has(leaf.cells?.[at] ?? 0) === false) continue
        places[found++] = at
      }
      return places.subarray(0, found)
    })
  }

  /** Likewise, of a leaf that lies within all bounds. */
  #matchesInside(leaf: Leaf): Places {
    const wanted = this.#test.cells
    const { cells } = leaf
    if (wanted === undefined || cells === undefined) return undefined
    return this.#remember(leaf, () => {
      const places = new Uint16Array(leaf.events)
      let found = 0
      for (let at = 0; at < cells.length; at++) {
        if (wanted.has(cells[at] ?? 0)) places[found++] = at
      }
      return places.subarray(0, found)
    })
  }

  #remember(leaf: Leaf, find: () => Uint16Array): Uint16Array {
    let places = this.#places.get(leaf)
    if (places === undefined) this.#places.set(leaf, (places = find()))
    return places
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

  #isInside({ start, events, firstTurn, lastTurn }: Span): boolean {
    const { turnStart, turnEnd } = this.#test
    return (
      start >= this.#from &&
      start + events <= this.#until &&
      firstTurn >= turnStart &&
      lastTurn <= turnEnd
    )
  }

  /** How many matches stand before a position. */
  async countBefore(position: EventPosition): Promise<number> {
    const place = await this.#order.countBefore(position)
    const index = this.#order.stretches.findLastIndex(({ start }) => start < place)
    const stretch = this.#order.stretches[index]
    if (stretch === undefined) return 0
    let count = this.#before[index] ?? 0
    for (const leaf of await this.#order.leavesOf(stretch)) {
      if (leaf.start >= place) break
      const end = place - leaf.start
      const places = this.#matchesIn(leaf)
      count += places ? places.filter((at) => at < end).length : Math.min(leaf.events, end)
    }
    return count
  }

  /** The row ids of matches from a number up to another one, in order. */
  async rows(from: number, until: number): Promise<number[]> {
    const parts: { leaf: Leaf; places: Places; from: number; until: number }[] = []
    const stretches = this.#order.stretches
      .map((stretch, index) => ({ stretch, before: this.#before[index] ?? 0 }))
      .filter(({ before }, index) => before < until && from < (this.#before[index + 1] ?? 0))
    const sparse = await this.#leavesWith(stretches.map(({ stretch }) => stretch))
    for (const { stretch, before } of stretches) {
      let count = before
      const inside = sparse
        .get(stretch.id)
        ?.map((leaf) => [leaf, this.#matchesInside(leaf)] as const)
      const leaves =
        inside ??
        (await this.#order.leavesOf(stretch)).map((leaf) => [leaf, this.#matchesIn(leaf)] as const)
      for (const [leaf, places] of leaves) {
        const inLeaf = countIn(leaf, places)
        const part = {
          leaf,
          places,
          from: Math.max(0, from - count),
          until: Math.min(inLeaf, until - count),
        }
        if (part.from < part.until) parts.push(part)
        count += inLeaf
      }
    }
    const rows = await this.#order.rowsOf(parts.map(({ leaf }) => leaf))
    return parts.flatMap(({ leaf, places, from, until }) => {
      const inLeaf = rows.get(leaf) ?? new Float64Array()
      return places === undefined
        ? Array.from(inLeaf.subarray(from, until))
        : Array.from(places.subarray(from, until), (at) => inLeaf[at] ?? NaN)
    })
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

function countIn(leaf: Leaf, places: Places): number {
  return places === undefined ? leaf.events : places.length
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
