import type { EventPosition } from '../event/event-order.js'
import type { CellFilter } from '../sidecar/event-cell.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { EventBounds } from './event-bounds.js'
import type { EventFilter } from './event-filter.js'
import { findCells } from './find-cells.js'
import type { Matches } from './matches.js'
import { type Column, type PlacedSpan, RunOrder, type Span } from './run-order.js'
import type { SimulationRef } from './simulation-row.js'

/**
 * The events that a filter matches by their place in the order of the run and
 * by their cells, whatever it asks of their texts. Whole stretches are counted
 * by their tally; only those in which a bound of time or turns, or a place that
 * is asked for, lies are opened.
 */
export class MatchingEvents implements Matches {
  readonly #order: RunOrder
  readonly #bounds: EventBounds
  /** What an event must be, wherever it stands; undefined: anything. */
  readonly #wanted: CellFilter | undefined
  /** By stretch: how many matches stand before it; at the end: how many there are. */
  readonly #before: number[] = [0]
  /** Where the matches stand in the leaves that a bound cuts. */
  readonly #placesInCut = new Map<Span, Uint16Array>()

  private constructor(order: RunOrder, bounds: EventBounds, wanted: CellFilter | undefined) {
    this.#order = order
    this.#bounds = bounds
    this.#wanted = wanted
  }

  static async find(
    snapshot: Snapshot,
    simulation: SimulationRef,
    filter: EventFilter,
  ): Promise<MatchingEvents> {
    const wanted = await findCells(snapshot, filter)
    const order = await RunOrder.read(snapshot, simulation, { needsCells: wanted !== undefined })
    const matching = new MatchingEvents(order, await EventBounds.of(order, filter), wanted)
    await matching.#count()
    return matching
  }

  get total(): number {
    return this.#before.at(-1) ?? 0
  }

  /** The cells they are of; undefined: any. */
  get cells(): CellFilter | undefined {
    return this.#wanted
  }

  async #count(): Promise<void> {
    for (const stretch of this.#order.stretches) {
      this.#before.push(this.total + (await this.#countStretch(stretch)))
    }
  }

  async #countStretch(stretch: PlacedSpan): Promise<number> {
    if (this.#bounds.isOutside(stretch)) return 0
    if (this.#bounds.isInside(stretch)) return this.#countInside(stretch)
    const leaves = await this.#leavesOf(stretch)
    return leaves.reduce((sum, leaf) => sum + this.#countIn(leaf), 0)
  }

  /** The leaves of a stretch; those that a bound cuts are looked through. */
  async #leavesOf(stretch: PlacedSpan): Promise<readonly PlacedSpan[]> {
    const leaves = await this.#order.leavesOf(stretch)
    const cut = leaves.filter(
      (leaf) =>
        !this.#bounds.isOutside(leaf) &&
        !this.#bounds.isInside(leaf) &&
        !this.#placesInCut.has(leaf),
    )
    const cells = await this.#order.columnsOf('event_cells', this.#wanted === undefined ? [] : cut)
    const turns = await this.#order.columnsOf(
      'turns',
      cut.filter((leaf) => !this.#bounds.isInTurns(leaf)),
    )
    for (const leaf of cut) {
      this.#placesInCut.set(leaf, this.#testEach(leaf, cells.get(leaf), turns.get(leaf)))
    }
    return leaves
  }

  #countIn(leaf: PlacedSpan): number {
    if (this.#bounds.isOutside(leaf)) return 0
    return this.#placesInCut.get(leaf)?.length ?? this.#countInside(leaf)
  }

  /** How many match in a span that lies within all bounds. */
  #countInside({ events, tally }: Span): number {
    const wanted = this.#wanted
    if (wanted === undefined || tally === undefined) return events
    let count = 0
    for (let index = 0; index < tally.cells.length; index++) {
      if (wanted.has(tally.cells[index] ?? 0)) count += tally.events[index] ?? 0
    }
    return count
  }

  #testEach(leaf: PlacedSpan, cells: Column | undefined, turns: Column | undefined): Uint16Array {
    const places = this.#bounds.placesIn(leaf, turns)
    const wanted = this.#wanted
    if (wanted === undefined) return places
    let found = 0
    for (const at of places) {
      if (wanted.has(cells?.[at] ?? 0)) places[found++] = at
    }
    return places.subarray(0, found)
  }

  /** Where the matches stand in leaves that have some; undefined when all events of a leaf are. */
  async #placesIn(leaves: readonly Span[]): Promise<(leaf: Span) => Places> {
    const wanted = this.#wanted
    if (wanted === undefined) return (leaf) => this.#placesInCut.get(leaf)
    const inside = leaves.filter((leaf) => !this.#placesInCut.has(leaf))
    const cells = await this.#order.columnsOf('event_cells', inside)
    return (leaf) => this.#placesInCut.get(leaf) ?? wanted.places(cells.get(leaf) ?? [])
  }

  async countBefore(position: EventPosition): Promise<number> {
    const place = await this.#order.countBefore(position)
    const index = this.#order.stretches.findLastIndex(({ start }) => start < place)
    const stretch = this.#order.stretches[index]
    if (stretch === undefined) return 0
    let count = this.#before[index] ?? 0
    for (const leaf of await this.#leavesOf(stretch)) {
      if (leaf.start >= place) break
      const end = place - leaf.start
      if (end >= leaf.events || this.#bounds.isOutside(leaf)) count += this.#countIn(leaf)
      else count += (await this.#placesIn([leaf]))(leaf)?.filter((at) => at < end).length ?? end
    }
    return count
  }

  async rows(from: number, until: number): Promise<number[]> {
    const parts = await this.#partsOf(from, until)
    const leaves = parts.map(({ leaf }) => leaf)
    const rows = await this.#order.columnsOf('event_rows', leaves)
    const placesIn = await this.#placesIn(leaves)
    return parts.flatMap(({ leaf, from, until }) => {
      const inLeaf = rows.get(leaf) ?? []
      const places = placesIn(leaf)?.subarray(from, until)
      return places === undefined
        ? Array.from(inLeaf.slice(from, until))
        : Array.from(places, (at) => inLeaf[at] ?? NaN)
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
      const inside = sparse.get(stretch.id)
      const counted =
        inside?.map((leaf) => ({ leaf, count: this.#countInside(leaf) })) ??
        (await this.#leavesOf(stretch)).map((leaf) => ({ leaf, count: this.#countIn(leaf) }))
      let start = before
      for (const { leaf, count } of counted) {
        const part = { from: Math.max(0, from - start), until: Math.min(count, until - start) }
        if (part.from < part.until) parts.push({ leaf, ...part })
        start += count
      }
    }
    return parts
  }

  /** Of stretches that lie within all bounds: the leaves that have matches. */
  async #leavesWith(
    stretches: readonly PlacedSpan[],
  ): Promise<ReadonlyMap<number, readonly Span[]>> {
    if (this.#wanted === undefined) return new Map()
    return this.#order.leavesWith(
      stretches.filter((stretch) => this.#bounds.isInside(stretch)),
      this.#wanted,
    )
  }
}

/** Where some events stand in a leaf; undefined: all of them. */
type Places = Uint16Array | undefined

/** Some of the matches in a leaf, by their numbers among these. */
interface Part {
  readonly leaf: Span
  readonly from: number
  readonly until: number
}
