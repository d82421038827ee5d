/** Two whole numbers, and what lies between them. */
export interface Extent {
  readonly least: number
  /** Not less than `least`. */
  readonly most: number
}

/**
 * Whole numbers cut into ranges that follow each other. All are of the same
 * width but the last, which may be narrower.
 */
export class EqualRanges {
  /** The least number of each. */
  readonly starts: readonly number[]
  readonly #extent: Extent
  readonly #width: number

  /** @param count how many ranges there are at the most, from 1 */
  constructor(extent: Extent, count: number) {
    // Numbers can lie further apart than a double counts exactly.
    const [least, most] = [BigInt(extent.least), BigInt(extent.most)]
    const width = (most - least) / BigInt(count) + 1n
    const starts: number[] = []
    for (let start = least; start <= most; start += width) starts.push(Number(start))
    this.starts = starts
    this.#extent = extent
    this.#width = Number(width)
  }

  /** The largest number of a range. */
  endOf(index: number): number {
    const next = this.starts[index + 1]
    return next === undefined ? this.#extent.most : next - 1
  }

  /** Which range a number lies in; beyond them, the nearest. */
  indexOf(value: number): number {
    const last = this.starts.length - 1
    const guess = Math.floor((value - this.#extent.least) / this.#width)
    let index = Math.max(0, Math.min(guess, last))
    while (index > 0 && value < this.#startOf(index)) index--
    while (index < last && value >= this.#startOf(index + 1)) index++
    return index
  }

  /** Which range each of some numbers lies in: mostly that of the number before it. */
  indexesOf(values: Float64Array): Uint32Array {
    const indexes = new Uint32Array(values.length)
    let index = 0
    let start = Infinity
    let end = -Infinity
    for (let at = 0; at < values.length; at++) {
      const value = values[at] ?? NaN
      if (!(value >= start && value <= end)) {
        index = this.indexOf(value)
        start = this.#startOf(index)
        end = this.endOf(index)
      }
      indexes[at] = index
    }
    return indexes
  }

  #startOf(index: number): number {
    return this.starts[index] ?? NaN
  }
}
