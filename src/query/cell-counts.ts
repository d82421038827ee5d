import { type EventTypeCode, eventTypeOfCode } from '../event/event-type.js'
import type { CellWords } from '../sidecar/event-cell.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { readCellWords } from './cell-words.js'
import { RunOrder } from './run-order.js'
import type { SimulationRef } from './simulation-row.js'

/** How many events a run has of one cell, and what that stands for. */
export interface CellCount extends CellWords {
  readonly events: number
}

/** Counts a run's events by cell, from the tallies of its stretches. */
export async function countByCell(
  snapshot: Snapshot,
  simulation: SimulationRef,
): Promise<CellCount[]> {
  const order = await RunOrder.read(snapshot, simulation, { needsCells: true })
  const counts = order.countCells()
  const wordsOf = await readCellWords(snapshot, counts.keys())
  return Array.from(counts, ([cell, events]) => ({ ...wordsOf(cell), events }))
}

/** All events together. */
export function sumCounts(counts: readonly CellCount[]): number {
  return counts.reduce((sum, { events }) => sum + events, 0)
}

/** Events by type, as the lines spell it. */
export function countTypes(counts: readonly CellCount[]): Readonly<Record<string, number>> {
  const types = new Map<EventTypeCode, number>()
  for (const { type, events } of counts) types.set(type, (types.get(type) ?? 0) + events)
  const inOrder = [...types].sort(([a], [b]) => a - b)
  return Object.fromEntries(inOrder.map(([type, events]) => [eventTypeOfCode(type), events]))
}
