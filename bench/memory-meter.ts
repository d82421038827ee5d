const POLL_MS = 20

/** Watches the resident memory of this process rise above where it was when the meter was made. */
export class MemoryMeter {
  readonly #baseline = process.memoryUsage.rss()
  readonly #timer: NodeJS.Timeout
  #peak = this.#baseline

  /** Polls by itself whenever the event loop turns; a loop that does not yield must `poll`. */
  constructor() {
    this.#timer = setInterval(() => {
      this.poll()
    }, POLL_MS)
  }

  /** Looks once, which takes about 10 microseconds. */
  poll(): void {
    this.#peak = Math.max(this.#peak, process.memoryUsage.rss())
  }

  /** Looks a last time. @returns the highest rise in bytes */
  stop(): number {
    clearInterval(this.#timer)
    this.poll()
    return this.#peak - this.#baseline
  }
}
