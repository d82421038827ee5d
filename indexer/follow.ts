import { setTimeout as sleep } from 'node:timers/promises'
import { TurnlogError } from '../src/errors.js'
import { assertReadableRoot } from '../src/segment/discovery.js'
import { withIndexerLock } from './indexer-lock.js'
import type { PassReport } from './pass-report.js'
import { RootIndexer } from './root-indexer.js'
import { SHORT_STEP_BYTES } from './search-index.js'

/** How a root is followed. */
export interface FollowOptions {
  readonly root: string
  readonly db: string
  /** Ends following; what was read up to then is committed. */
  readonly signal: AbortSignal
  /** Whether events are made searchable; false unless told otherwise. */
  readonly search?: boolean
  /** Called after every pass that looked at runs. */
  readonly onPass?: (report: PassReport) => void
  /** Called when a pass failed; the next one is tried all the same. */
  readonly onError?: (error: unknown) => void
  /** How often active segments and the root are looked at, in milliseconds. */
  readonly tickMs?: number
  /** How often all of the root is searched, for renamed and deleted files above all, in milliseconds. */
  readonly discoveryMs?: number
}

const TICK_MS = 50
const DISCOVERY_MS = 1_000
/** Half of what an ingest takes at once: a follower shares its memory with who answers. */
const BLOCK_BYTES = 1024 * 1024
/** How long others may take the lock between two steps, or before it is tried again, in milliseconds. */
const BREATH_MS = 5
/** So many events may wait for the next tick to be made searchable. */
const MOST_WAITING = 2_000
/** How long the first pass waits for another indexer, in milliseconds. */
const LOCK_WAIT_MS = 5_000

/**
 * Keeps a sidecar up with its root until told to stop. The lock is held only
 * while a pass runs, so a reindex can slip in between, and its new file is
 * taken up by the pass after it.
 *
 * Events become searchable after they were read: one short step a tick while
 * there are always new ones, one after the other while there are none, or many
 * are waiting. New events are read before each step, so no pass waits for more
 * than one; while passes take long, steps are not hurried.
 *
 * @throws what {@link indexRoot} throws, if the very first pass fails
 */
export async function follow(options: FollowOptions): Promise<void> {
  const { db, signal, tickMs = TICK_MS, discoveryMs = DISCOVERY_MS, search = false } = options
  const indexer = new RootIndexer({
    ...options,
    blockBytes: BLOCK_BYTES,
    shouldStop: () => signal.aborted,
  })
  /** Whether there may be events to be made searchable. */
  let isBehind = search
  const pass = async (work: () => Promise<PassReport>, waitMs = 0): Promise<void> => {
    assertReadableRoot(options.root)
    const report = await withIndexerLock(db, waitMs, work)
    isBehind = search
    options.onPass?.(report)
  }
  /** @returns whether so many are waiting that the next tick is too late */
  const step = async (): Promise<boolean> => {
    // Of another sidecar everything is to be read first.
    if (indexer.sidecarChanged()) return false
    return withIndexerLock(db, 0, async () => {
      isBehind = (await indexer.searchStep(SHORT_STEP_BYTES)) > 0
      return isBehind && (await indexer.searchLag()) > MOST_WAITING
    })
  }
  const breathMs = Math.min(tickMs, BREATH_MS)
  try {
    await pass(() => indexer.pass(), LOCK_WAIT_MS)
    let discoverAt = performance.now() + discoveryMs
    let waitMs = tickMs
    while (await pause(waitMs, signal)) {
      waitMs = tickMs
      try {
        const startedAt = performance.now()
        const changed = indexer.changedRuns()
        if (performance.now() >= discoverAt || indexer.sidecarChanged()) {
          discoverAt = performance.now() + discoveryMs
          await pass(() => indexer.pass())
        } else if (changed.length > 0) {
          await pass(() => indexer.passOver(changed))
        }
        const isShort = performance.now() - startedAt < tickMs
        const isFarBehind = isBehind && (await step())
        if (isBehind && (changed.length === 0 || (isFarBehind && isShort))) waitMs = breathMs
      } catch (error) {
        if (isTurnTaking(error)) {
          waitMs = breathMs
          continue
        }
        discoverAt = performance.now() + discoveryMs
        options.onError?.(error)
        await pause(discoveryMs, signal)
      }
    }
  } finally {
    indexer.close()
  }
}

/** Somebody else indexes just now: no fault, nothing to report, and over at one of the next ticks. */
function isTurnTaking(error: unknown): boolean {
  return error instanceof TurnlogError && error.code === 'SIDECAR_LOCKED'
}

/** @returns whether to go on */
async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch {
    return false
  }
  return !signal.aborted
}
