import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { BucketCounts, type Histogram } from './bucket-counts.js'
import { EqualRanges } from './equal-ranges.js'
import { AXIS_COLUMNS, type EventAxis, findExtent, type LaidOut, reachOf } from './event-axis.js'
import { EventBounds } from './event-bounds.js'
import { asksOfTexts, type EventFilter } from './event-filter.js'
import { EventGroups, type EventSplit, NO_GROUP } from './event-groups.js'
import { findCells } from './find-cells.js'
import { idList } from './id-list.js'
import { matchingRows } from './matching-rows.js'
import { type Column, type PlacedSpan, RunOrder } from './run-order.js'
import { findSimulation } from './simulation-row.js'
import type { WorkLimit } from './work-limit.js'

/** Which events are counted, and how they are divided. */
export interface HistogramRequest {
  readonly filter: EventFilter
  readonly by: EventAxis
  /** At the most, from 1. */
  readonly buckets: number
  /** What the events of a bucket are told apart by. */
  readonly split?: EventSplit | undefined
}

/**
 * How many of the events that match lie in each part of a run. The buckets are
 * of one width, and reach from the least to the largest turn, or instant, of
 * the events within the filter's bounds, whatever else it asks of them.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND or QUERY_TOO_BROAD
 */
export async function countHistogram(
  snapshot: Snapshot,
  simulationName: string,
  { filter, by, buckets, split }: HistogramRequest,
  limit: WorkLimit,
): Promise<Histogram> {
  const simulation = await findSimulation(snapshot, simulationName)
  const wanted = await findCells(snapshot, filter)
  const needsCells = wanted !== undefined || split !== undefined
  const order = await RunOrder.read(snapshot, simulation, { needsCells })
  const events = { order, bounds: await EventBounds.of(order, filter), axis: by }
  const extent = await findExtent(events, limit)
  if (extent === undefined) return { total: 0, buckets: [] }
  const groups = needsCells
    ? await EventGroups.of(snapshot, order.countCells().keys(), { wanted, split })
    : undefined
  const names = split === undefined ? undefined : groups?.names
  const counts = new BucketCounts(new EqualRanges(extent, buckets), names)
  if (asksOfTexts(filter)) {
    for await (const rows of matchingRows(snapshot, simulation, filter, limit)) {
      for (const event of await readPlaces(snapshot, rows)) {
        counts.add(counts.bucketOf(event[by]), groups?.of(event.cell) ?? 0, 1)
      }
    }
  } else {
    await new SpanCounter(events, groups, counts).count(limit)
  }
  return counts.histogram()
}

/** What of events tells where they are counted. */
function readPlaces(snapshot: Snapshot, rows: readonly number[]) {
  return snapshot
    .selectFrom('event')
    .select(['turn', 'timestamp as time', 'cell'])
    .where('id', 'in', idList(rows))
    .execute()
}

/** Counts spans by their tallies where it can, and event by event where it must. */
class SpanCounter {
  readonly #events: LaidOut
  /** Undefined: every event is in the first one. */
  readonly #groups: EventGroups | undefined
  readonly #counts: BucketCounts

  constructor(events: LaidOut, groups: EventGroups | undefined, counts: BucketCounts) {
    this.#events = events
    this.#groups = groups
    this.#counts = counts
  }

  async count(limit: WorkLimit): Promise<void> {
    const { order } = this.#events
    for (const stretch of this.#addWhole(order.stretches)) {
      await this.#addEach(this.#addWhole(await order.leavesOf(stretch)))
      await limit.pause()
    }
  }

  /** Adds the spans that a tally is enough for. @returns those that have to be opened */
  #addWhole(spans: readonly PlacedSpan[]): PlacedSpan[] {
    const cut: PlacedSpan[] = []
    for (const span of spans) {
      if (this.#events.bounds.isOutside(span) || !this.#hasAny(span)) continue
      const bucket = this.#onlyBucketOf(span)
      if (bucket === undefined) cut.push(span)
      else this.#addTally(bucket, span)
    }
    return cut
  }

  /** Whether any event of a span, wherever it stands, is in a group. */
  #hasAny({ tally }: PlacedSpan): boolean {
    const groups = this.#groups
    if (groups === undefined || tally === undefined) return true
    return tally.cells.some((cell) => groups.of(cell) !== NO_GROUP)
  }

  /** The bucket of a span that lies within all bounds and in no second bucket. */
  #onlyBucketOf(span: PlacedSpan): number | undefined {
    const { bounds, axis } = this.#events
    if (!bounds.isInside(span)) return undefined
    const { least, most } = reachOf(axis, span)
    const bucket = this.#counts.bucketOf(least)
    return bucket === this.#counts.bucketOf(most) ? bucket : undefined
  }

  #addTally(bucket: number, { events, tally }: PlacedSpan): void {
    if (this.#groups === undefined || tally === undefined) {
      this.#counts.add(bucket, 0, events)
      return
    }
    for (let index = 0; index < tally.cells.length; index++) {
      const group = this.#groups.of(tally.cells[index] ?? 0)
      if (group !== NO_GROUP) this.#counts.add(bucket, group, tally.events[index] ?? 0)
    }
  }

  async #addEach(leaves: readonly PlacedSpan[]): Promise<void> {
    const { order, bounds, axis } = this.#events
    const groups = this.#groups
    const values = await order.columnsOf(AXIS_COLUMNS[axis], leaves)
    const turns =
      axis === 'turn'
        ? values
        : await order.columnsOf(
            'turns',
            leaves.filter((leaf) => !bounds.isInTurns(leaf)),
          )
    const cells = await order.columnsOf('event_cells', groups === undefined ? [] : leaves)
    for (const leaf of leaves) {
      const places = bounds.placesIn(leaf, turns.get(leaf))
      this.#addPlaces(places, doubles(values.get(leaf)), doubles(cells.get(leaf)))
    }
  }

  /** Adds the events that stand at some places of a leaf. */
  #addPlaces(places: Uint16Array, values: Float64Array, cells: Float64Array): void {
    const groups = this.#groups
    const counts = this.#counts
    const buckets = counts.bucketsOf(values)
    for (const at of places) {
      const group = groups === undefined ? 0 : groups.of(cells[at] ?? NaN)
      if (group !== NO_GROUP) counts.add(buckets[at] ?? 0, group, 1)
    }
  }
}

/** In one form, whatever the width of the column: loops over numbers of one kind are several times faster. */
function doubles(column: Column | undefined): Float64Array {
  return new Float64Array(column ?? [])
}
