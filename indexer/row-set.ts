/** Row ids, at a bit each: neighbours share a word. */
export class RowSet {
  readonly #words = new Map<number, number>()

  add(id: number): void {
    const at = Math.floor(id / 32)
    this.#words.set(at, (this.#words.get(at) ?? 0) | (1 << (id % 32)))
  }

  has(id: number): boolean {
    return ((this.#words.get(Math.floor(id / 32)) ?? 0) & (1 << (id % 32))) !== 0
  }
}
