/** How long a part of some work is to take, in milliseconds, and by how much it is made larger or smaller. */
const PART_MS = 4
const STEP = 4

/** Finds out how much of some work takes a few milliseconds, so that others can have their turn between. */
export class Pace {
  readonly #least: number
  readonly #most: number
  #size: number

  /**
   * @param least how much is done at once however long it takes, and at first: to begin takes its
   *   time, too
   */
  constructor(least: number, most: number) {
    this.#least = least
    this.#most = most
    this.#size = least
  }

  /** How much is to be done next. */
  get size(): number {
    return this.#size
  }

  /** Does a part of this size. */
  async time<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    const result = await work()
    const took = performance.now() - start
    if (took < PART_MS / 2) this.#size = Math.min(this.#size * STEP, this.#most)
    else if (took > PART_MS * 2) this.#size = Math.max(this.#size / STEP, this.#least)
    return result
  }
}
