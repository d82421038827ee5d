import { TurnlogError } from '../errors.js'
import { encodeLine } from '../event/event-line.js'
import { compareEvents } from '../event/event-order.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { type Aspect, type ComparedEvent, contentOf } from './compared-event.js'
import { type PlacedRow, readPositions } from './event-positions.js'
import { type EventText, readEventRows } from './event-row.js'
import { EventSurplus, type Side } from './event-surplus.js'
import type { SimulationRef } from './simulation-row.js'
import { TurnReader } from './turn-reader.js'

/** What one run has more of in a turn. */
export interface AspectSurplus {
  readonly aspect: Aspect
  readonly count: number
  /** The earliest of them, in the order of events. */
  readonly events: readonly EventText[]
}

/** More different things that one run has alone are not held at once. */
const MOST_UNMATCHED = 200_000

/**
 * Compares a turn of two runs, both read up to it.
 *
 * @throws TurnlogError QUERY_TOO_BROAD when they have too many events that differ
 */
export async function compareTurn(
  turn: number,
  readers: Readonly<Record<Side, TurnReader>>,
  aspects: ReadonlySet<Aspect>,
): Promise<EventSurplus> {
  const surplus = new EventSurplus()
  let a: ComparedEvent[] = []
  let b: ComparedEvent[] = []
  for (;;) {
    if (a.length === 0) a = await readers.a.take(turn, aspects)
    if (b.length === 0) b = await readers.b.take(turn, aspects)
    // In pairs, since most runs that are equal are so in the same order; then what is left of one.
    const count = Math.min(a.length, b.length) || Math.max(a.length, b.length)
    if (count === 0) return surplus
    for (let index = 0; index < count; index++) surplus.add(a[index], b[index])
    a = a.slice(count)
    b = b.slice(count)
    if (surplus.size > MOST_UNMATCHED) throw tooDifferent(turn)
  }
}

/** What is read of a run where it has more events than the other. */
export interface SurplusRequest {
  readonly simulation: SimulationRef
  readonly side: Side
  readonly turn: number
  /** Events of each aspect; more are only counted. */
  readonly maxShown: number
  readonly pause: () => Promise<void>
}

/** Reads the events of a turn that a run has more of, in the aspects that differ. */
export async function readSurplus(
  snapshot: Snapshot,
  surplus: EventSurplus,
  request: SurplusRequest,
): Promise<AspectSurplus[]> {
  const { simulation, side, maxShown } = request
  const earliest = await findEarliest(snapshot, surplus, request)
  const read: AspectSurplus[] = []
  for (const aspect of surplus.aspects) {
    const ids = (earliest.get(aspect) ?? []).slice(0, maxShown).map(({ id }) => id)
    const rows = await readEventRows(snapshot, ids)
    const events = rows.map((row) => encodeLine(row, simulation.name))
    read.push({ aspect, count: surplus.count(side, aspect), events })
  }
  return read
}

/** By aspect, in order: of events that say the same the earliest are those that are too many. */
async function findEarliest(
  snapshot: Snapshot,
  surplus: EventSurplus,
  { simulation, side, turn, maxShown, pause }: SurplusRequest,
): Promise<ReadonlyMap<Aspect, readonly PlacedRow[]>> {
  const aspects = new Set(surplus.aspects)
  const turns = { first: turn, last: turn }
  const reader = new TurnReader(snapshot, simulation.id, { turns, pause })
  const earliest = new Map([...aspects].map((aspect) => [aspect, new Map<string, Earliest>()]))
  for (;;) {
    const events = await reader.take(turn, aspects)
    if (events.length === 0) break
    const positions = await readPositions(
      snapshot,
      events.map(({ id }) => id),
    )
    const byId = new Map(positions.map((position) => [position.id, position]))
    for (const event of events) {
      const content = contentOf(event)
      const count = Math.min(surplus.countOf(side, event.aspect, content), maxShown)
      const position = byId.get(event.id)
      if (count === 0 || position === undefined) continue
      const byContent = earliest.get(event.aspect)
      const kept = byContent?.get(content) ?? new Earliest(count)
      kept.add(position)
      byContent?.set(content, kept)
    }
  }
  const inOrder = (kept: ReadonlyMap<string, Earliest>): PlacedRow[] =>
    [...kept.values()].flatMap(({ rows }) => rows).sort(compareEvents)
  return new Map([...earliest].map(([aspect, kept]) => [aspect, inOrder(kept)]))
}

/** The earliest of events that come in any order. */
class Earliest {
  readonly #count: number
  /** In order. */
  readonly rows: PlacedRow[] = []

  constructor(count: number) {
    this.#count = count
  }

  add(row: PlacedRow): void {
    const last = this.rows.at(-1)
    const isFull = this.rows.length === this.#count
    if (isFull && last !== undefined && compareEvents(last, row) < 0) return
    if (isFull) this.rows.pop()
    this.rows.push(row)
    this.rows.sort(compareEvents)
  }
}

function tooDifferent(turn: number): TurnlogError {
  return new TurnlogError('QUERY_TOO_BROAD', {
    message: `turn ${turn} has more than ${MOST_UNMATCHED} events of one run that the other has not, too many to be compared; turn_start=${turn + 1} leaves it out`,
    hint: 'compare other turns',
  })
}
