import type { EventCell } from '../src/sidecar/event-cell.js'
import { packNumbers, unpackNumbers } from '../src/sidecar/packed-numbers.js'
import type { StretchTable } from '../src/sidecar/schema.js'

/** The columns of a stretch that say what its leaves have. */
export type TallyRow = Pick<StretchTable, 'leaves' | 'cells' | 'cell_events' | 'cell_leaves'>

interface Count {
  events: number
  /** A bit for each leaf. */
  leaves: number
}

/** How many events of each cell the leaves of a stretch have, and which of them has any. */
export class StretchTally {
  readonly leaves: number[]
  readonly #counts: Map<EventCell, Count>

  private constructor(leaves: number[], counts: Map<EventCell, Count>) {
    this.leaves = leaves
    this.#counts = counts
  }

  static empty(): StretchTally {
    return new StretchTally([], new Map())
  }

  /** @throws RangeError when the columns were damaged */
  static decode(row: TallyRow): StretchTally {
    const events = unpackNumbers(row.cell_events)
    const leaves = unpackNumbers(row.cell_leaves)
    const counts = Array.from(unpackNumbers(row.cells), (cell, index) => {
      return [cell, { events: events[index] ?? NaN, leaves: leaves[index] ?? NaN }] as const
    })
    return new StretchTally([...unpackNumbers(row.leaves)], new Map(counts))
  }

  /** Counts events in that were added to a leaf. */
  add(leaf: number, cells: Iterable<EventCell>): void {
    let place = this.leaves.indexOf(leaf)
    if (place === -1) place = this.leaves.push(leaf) - 1
    const bit = 2 ** place
    for (const cell of cells) {
      let count = this.#counts.get(cell)
      if (count === undefined) this.#counts.set(cell, (count = { events: 0, leaves: 0 }))
      count.events++
      count.leaves = (count.leaves | bit) >>> 0
    }
  }

  encode(): TallyRow {
    const counts = [...this.#counts].sort(([a], [b]) => a - b)
    return {
      leaves: packNumbers(this.leaves),
      cells: packNumbers(counts.map(([cell]) => cell)),
      cell_events: packNumbers(counts.map(([, { events }]) => events)),
      cell_leaves: packNumbers(counts.map(([, { leaves }]) => leaves)),
    }
  }

  /** The same text for the same events, in whatever order the leaves are named. */
  describe(): string {
    const counts = [...this.#counts].map(([cell, { events, leaves }]) => {
      const ids = this.leaves.filter((_, place) => ((leaves >>> place) & 1) === 1)
      return `${events} events of cell ${cell} in leaves ${ids.sort((a, b) => a - b).join(', ')}`
    })
    return counts.sort().join('; ')
  }
}
