import { setImmediate as nextTurn } from 'node:timers/promises'

/** So much of a turn of the event loop is given to those who wait, in milliseconds. */
const SLICE_MS = 8

/**
 * Lets many who have work to do take turns, in the order in which they ask, and everything
 * else in the process have its turn after every few milliseconds, however many they are.
 */
export class TurnTaker {
  #waiting: (() => void)[] = []

  /** Waits until it is one's turn: what is done at once when it is, without waiting, is the work. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) void this.#callAll()
    })
  }

  async #callAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await nextTurn()
      const until = performance.now() + SLICE_MS
      const called = this.#waiting
      let count = 0
      do {
        called[count++]?.()
        // Who is called works before this goes on.
        await Promise.resolve()
      } while (count < called.length && performance.now() < until)
      this.#waiting = called.slice(count)
    }
  }
}
