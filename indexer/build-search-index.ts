import { setTimeout as sleep } from 'node:timers/promises'
import { withIndexerLock } from './indexer-lock.js'
import type { RootIndexer } from './root-indexer.js'
import { LONG_STEP_BYTES } from './search-index.js'

/** How far making events searchable is. */
export interface SearchProgress {
  readonly events: number
  readonly totalEvents: number
}

/** What making events searchable came to. */
export interface SearchReport {
  readonly events: number
  readonly seconds: number
}

/** What is done about the full-text index once everything is read. */
export interface SearchOptions {
  /** Whether events are made searchable; false unless told otherwise. */
  readonly search?: boolean
  /** Told at the beginning and after every step. */
  readonly onSearchProgress?: (progress: SearchProgress) => void
}

/** How a sidecar's full-text index is built. */
interface BuildOptions extends SearchOptions {
  readonly db: string
  /** How long a step waits for another indexer, in milliseconds. */
  readonly lockWaitMs: number
  readonly shouldStop?: () => boolean
}

/** Time for a follower to take the lock between two steps, in milliseconds. */
const GAP_MS = 10

/**
 * Makes every event of a sidecar searchable. Each step is a transaction of its
 * own under the indexer's lock, so a server's follower goes on reading in
 * between, and what is interrupted is continued by whoever is next.
 *
 * @throws TurnlogError SIDECAR_LOCKED when another indexer does not make way, or what
 *   {@link RootIndexer.searchStep} throws
 */
export async function buildSearchIndex(
  indexer: RootIndexer,
  { db, lockWaitMs, shouldStop, onSearchProgress }: BuildOptions,
): Promise<SearchReport> {
  const startedAt = performance.now()
  let events = 0
  const tell = async (): Promise<void> => {
    const totalEvents = events + (await indexer.searchLag())
    onSearchProgress?.({ events, totalEvents })
  }
  await tell()
  while (shouldStop?.() !== true) {
    const more = await withIndexerLock(db, lockWaitMs, () => indexer.searchStep(LONG_STEP_BYTES))
    if (more === 0) break
    events += more
    await tell()
    await sleep(GAP_MS)
  }
  return { events, seconds: Math.round(performance.now() - startedAt) / 1000 }
}
