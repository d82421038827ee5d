/**
 * Keeps what was read last, so that who reads the same a moment later need not
 * read it again, and who reads it at the same time waits for the same reading.
 */
export class RecentReads<T> {
  readonly #sizeOf: (value: T) => number
  readonly #mostBytes: number
  /** By key, what was read longest ago first. */
  readonly #kept = new Map<string, Promise<T>>()
  readonly #sizes = new Map<string, number>()
  #bytes = 0

  /**
   * @param mostBytes how much is kept at most
   * @param sizeOf bytes; 0 for what is not worth keeping
   */
  constructor(mostBytes: number, sizeOf: (value: T) => number) {
    this.#mostBytes = mostBytes
    this.#sizeOf = sizeOf
  }

  /** What stands under a key, read by `read` unless it is kept. */
  async get(key: string, read: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key)
    if (kept !== undefined) return kept
    const reading = read()
    this.#kept.set(key, reading)
    try {
      const value = await reading
      // Unless it was forgotten meanwhile.
      if (this.#kept.get(key) === reading) this.#keep(key, this.#sizeOf(value))
      return value
    } catch (error) {
      if (this.#kept.get(key) === reading) this.#forget(key)
      throw error
    }
  }

  /** Forgets what stands under all keys that begin with a text. */
  forgetAll(beginning: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(beginning)) this.#forget(key)
  }

  #keep(key: string, size: number): void {
    if (size === 0) {
      this.#forget(key)
      return
    }
    this.#sizes.set(key, size)
    this.#bytes += size
    for (const oldest of this.#sizes.keys()) {
      if (this.#bytes <= this.#mostBytes) return
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#kept.delete(key)
    this.#bytes -= this.#sizes.get(key) ?? 0
    this.#sizes.delete(key)
  }
}
