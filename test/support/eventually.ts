import { setTimeout as sleep } from 'node:timers/promises'

const LIMIT_MS = 20_000
const LOOK_MS = 10

/** Waits until `check` no longer throws, and gives what it gave; throws its last error after 20 seconds. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const deadline = performance.now() + LIMIT_MS
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await sleep(LOOK_MS)
  }
}
