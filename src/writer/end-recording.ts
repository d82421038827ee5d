import type { Recording } from './open-recording.js'

/** How long a thread that is to end at once may take for the write at hand, in milliseconds. */
const LAST_WRITE_MS = 1_000
/** What each writer is given at least at the end of a process, in milliseconds. */
const LEAST_EXIT_MS = 100

/**
 * Waits until everything accepted, and the news of losses, is written.
 *
 * @param deadline of `performance.now()`
 * @returns whether it was in time
 */
export async function settle({ thread, losses }: Recording, deadline = Infinity): Promise<boolean> {
  for (;;) {
    const request = thread.askFlush()
    const isDone = (): boolean => thread.isFlushed(request)
    await thread.until(isDone, deadline - performance.now())
    if (!isDone()) return false
    if (!losses.hasNews) return true
    losses.record()
  }
}

/** The same, blocking: for the end of a process. */
export function settleNow({ thread, losses }: Recording, deadline: number): void {
  const flush = (): void => {
    const request = thread.askFlush()
    const limitMs = Math.max(LEAST_EXIT_MS, deadline - performance.now())
    thread.blockUntil(() => thread.isFlushed(request), limitMs)
  }
  flush()
  if (!losses.hasNews) return
  losses.record()
  flush()
}

/**
 * Writes everything accepted and ends the thread; the directory is free for
 * another writer once the thread is gone.
 *
 * @returns how many events could not be written in time
 */
export async function endRecording(recording: Recording, timeoutMs: number): Promise<number> {
  const { thread, lock, losses } = recording
  const deadline = performance.now() + timeoutMs
  if (await settle(recording, deadline)) {
    thread.askStop('whenEmpty')
    await thread.until(() => false, deadline - performance.now())
  }
  if (!thread.hasEnded) {
    thread.askStop('now')
    await thread.until(() => false, LAST_WRITE_MS)
  }
  thread.giveUp()
  losses.end()
  // A thread stuck in a write still has the file, so the directory stays its own.
  thread.whenEnded(() => {
    lock.release()
  })
  return thread.queue.queued
}
