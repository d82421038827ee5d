import type { EventTypeCode } from '../event/event-type.js'

/**
 * The number of a cell: of one combination of type, agent, kind and
 * participants. It is what events are counted by, and what filters on any of
 * these look at.
 */
export type EventCell = number

/** What a cell stands for, as far as a line is spelled from it. */
export interface CellWords {
  readonly type: EventTypeCode
  readonly agentId: string | null
  readonly kind: string | null
}

/** Which cells are meant. */
export class CellFilter {
  /** 1 at the number of each that is meant. */
  readonly #cells: Uint8Array

  constructor(cells: readonly EventCell[]) {
    const last = cells.reduce((most, cell) => Math.max(most, cell), 0)
    this.#cells = new Uint8Array(last + 1)
    for (const cell of cells) this.#cells[cell] = 1
  }

  has(cell: EventCell): boolean {
    return cell < this.#cells.length && this.#cells[cell] === 1
  }

  /** Where, among up to 2^16 events' cells, those that are meant stand, in order. */
  places(cells: ArrayLike<EventCell>): Uint16Array {
    const places = new Uint16Array(cells.length)
    let found = 0
    for (let at = 0; at < cells.length; at++) if (this.has(cells[at] ?? 0)) places[found++] = at
    return places.subarray(0, found)
  }
}
