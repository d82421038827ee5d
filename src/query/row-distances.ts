/** Rows of a page: those of events that are near each other mostly are, too. */
const PAGE_ROWS = 1_024

/** How far rows are from something, at four bytes a row even where most rows of a run are. */
export class RowDistances {
  /** Each distance and one more; 0 stands for none. */
  readonly #pages = new Map<number, Uint32Array>()

  /** Undefined where none was set. */
  get(row: number): number | undefined {
    const stored = this.#pages.get(Math.floor(row / PAGE_ROWS))?.[row % PAGE_ROWS] ?? 0
    return stored === 0 ? undefined : stored - 1
  }

  /** @throws RangeError when a damaged sidecar has a link to what can be no row */
  set(row: number, distance: number): void {
    if (!Number.isSafeInteger(row) || row < 0) throw new RangeError(`${row} is no row`)
    const number = Math.floor(row / PAGE_ROWS)
    let page = this.#pages.get(number)
    if (page === undefined) this.#pages.set(number, (page = new Uint32Array(PAGE_ROWS)))
    page[row % PAGE_ROWS] = distance + 1
  }
}
