/**
 * The number of a cell: of one combination of type, agent, kind and
 * participants. It is what events are counted by, and what filters on any of
 * these look at.
 */
export type EventCell = number

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
    return this.#cells[cell] === 1
  }
}
