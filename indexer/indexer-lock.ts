import { setTimeout as sleep } from 'node:timers/promises'
import { TurnlogError } from '../src/errors.js'
import { ProcessLock } from '../src/process-lock.js'

/** How often a held lock is tried again, in milliseconds. */
const RETRY_MS = 20

/**
 * Runs `work` as the only writer of a sidecar. The lock is held for one pass at
 * a time, so that a follower and an offline reindex can take turns. The thread
 * is not blocked while it waits.
 *
 * @param waitMs how long to wait for another holder, in milliseconds
 * @throws TurnlogError SIDECAR_LOCKED when it stays held, SIDECAR_UNWRITABLE
 *   when the lock cannot be made
 */
export async function withIndexerLock<T>(
  db: string,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await acquire(`${db}.lock`, waitMs)
  if (lock === undefined) {
    throw new TurnlogError('SIDECAR_LOCKED', {
      message: `write the sidecar ${db}: another indexer is at work on it`,
      hint: 'wait for it to end, or stop the `turnlog index`, `reindex` or `serve` that runs it',
    })
  }
  try {
    return await work()
  } finally {
    lock.release()
  }
}

async function acquire(path: string, waitMs: number): Promise<ProcessLock | undefined> {
  const deadline = performance.now() + waitMs
  for (;;) {
    const lock = tryAcquire(path)
    if (lock !== undefined || performance.now() >= deadline) return lock
    await sleep(RETRY_MS)
  }
}

function tryAcquire(path: string): ProcessLock | undefined {
  try {
    return ProcessLock.tryAcquire(path)
  } catch (cause) {
    throw new TurnlogError('SIDECAR_UNWRITABLE', {
      message: `lock the sidecar: ${path} cannot be made (${cause instanceof Error ? cause.message : String(cause)})`,
      hint: 'check that the directory of --db can be written, or give another --db',
      cause,
    })
  }
}
