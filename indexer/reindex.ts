import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { TurnlogError } from '../src/errors.js'
import { assertReadableRoot } from '../src/segment/discovery.js'
import { assertNothingLost } from './assert-nothing-lost.js'
import { assertReplaceable } from './assert-replaceable.js'
import { buildSearchIndex, type SearchOptions } from './build-search-index.js'
import { finishReport, type IndexReport, readTotals } from './index-root.js'
import type { IngestProgress } from './ingest-progress.js'
import { withIndexerLock } from './indexer-lock.js'
import { addCounts } from './ingest-counts.js'
import { RootIndexer } from './root-indexer.js'

/** What is rebuilt from where. */
export interface ReindexOptions extends SearchOptions {
  readonly root: string
  readonly db: string
  /** Told after every block. */
  readonly onProgress?: (progress: IngestProgress) => void
  /** How long to wait, at the end, for another indexer to finish its pass, in milliseconds. */
  readonly lockWaitMs?: number
  /** Ends it early: the old sidecar stays, and nothing of the new one. */
  readonly signal?: AbortSignal
}

/** How long another indexer is waited for unless told otherwise, in milliseconds. */
export const LOCK_WAIT_MS = 30_000

/**
 * Builds a sidecar anew from the segments and puts it in the place of the old
 * one. It is built aside, so the old one answers until the new one has passed
 * its checks; when anything goes wrong the old one stays, also when it has events
 * of files that cannot be read just then. Where events are to be searched, the new
 * one is made to when it answers already.
 *
 * @throws TurnlogError ROOT_NOT_FOUND, SIDECAR_LOCKED, SIDECAR_UNWRITABLE,
 *   SIDECAR_UNREADABLE when the file in its place is not a sidecar, or
 *   REINDEX_CHECK_FAILED; what `signal` aborts with
 */
export async function reindexRoot(options: ReindexOptions): Promise<IndexReport> {
  const { root, db, lockWaitMs = LOCK_WAIT_MS, search = false, signal } = options
  const shouldStop = (): boolean => signal?.aborted === true
  const report = await rebuild({ ...options, lockWaitMs, shouldStop })
  if (!search) return report
  const indexer = new RootIndexer({ root, db })
  try {
    const building = { ...options, lockWaitMs, shouldStop }
    return { ...report, search: await buildSearchIndex(indexer, building) }
  } finally {
    indexer.close()
  }
}

interface RebuildOptions extends ReindexOptions {
  readonly lockWaitMs: number
  readonly shouldStop: () => boolean
}

async function rebuild(options: RebuildOptions): Promise<IndexReport> {
  const { root, db, lockWaitMs, onProgress, signal, shouldStop } = options
  const startedAt = performance.now()
  assertReadableRoot(root)
  assertReplaceable(db)
  const aside = `${db}.rebuild`
  return withIndexerLock(aside, 0, async () => {
    removeDatabase(aside)
    const progress = onProgress === undefined ? {} : { onProgress }
    const indexer = new RootIndexer({ root, db: aside, mode: 'bulk', shouldStop, ...progress })
    try {
      const first = await indexer.pass()
      signal?.throwIfAborted()
      return await withIndexerLock(db, lockWaitMs, async () => {
        // What was written while the first pass ran.
        const second = await indexer.pass()
        signal?.throwIfAborted()
        const report = { ...second, ...addCounts(first, second) }
        const total = await readTotals(indexer)
        assertNothingLost({ root, db }, await indexer.connection(), second.problems)
        await finish(indexer)
        replaceSidecar(aside, db)
        return finishReport(report, total, startedAt)
      })
    } catch (error) {
      indexer.close()
      removeDatabase(aside)
      throw error
    }
  })
}

/** Checks the new sidecar, gives it its write-ahead log, and brings it to the disk. */
async function finish(indexer: RootIndexer): Promise<void> {
  const connection = await indexer.connection()
  const problem = findProblem(connection)
  if (problem !== undefined) {
    throw new TurnlogError('REINDEX_CHECK_FAILED', {
      message: `check the rebuilt sidecar ${connection.name}: ${problem}`,
      hint: 'check the disk and try again; the old sidecar is still in place',
    })
  }
  // No `PRAGMA optimize`: what SQLite learns of a young run would mislead it when the run has grown.
  connection.pragma('journal_mode = WAL')
  const { name } = connection
  indexer.close()
  syncToDisk(name)
}

function findProblem(connection: Database.Database): string | undefined {
  const quickCheck = connection.pragma('quick_check(1)', { simple: true })
  if (quickCheck !== 'ok') return String(quickCheck)
  const counted = connection
    .prepare(
      `SELECT (SELECT count(*) FROM event) AS rows,
        (SELECT ifnull(sum(event_count), 0) FROM simulation) AS runs,
        (SELECT ifnull(sum(event_count), 0) FROM segment) AS segments,
        (SELECT ifnull(sum(events), 0) FROM stretch) AS stretches`,
    )
    .get() as Record<'rows' | 'runs' | 'segments' | 'stretches', number>
  const { rows, runs, segments, stretches } = counted
  return rows === runs && rows === segments && rows === stretches
    ? undefined
    : `it has ${rows} events, but counts ${runs} by run, ${segments} by segment and ${stretches} by stretch`
}

/**
 * Moves the new file over the old one. The old one's log is folded in and
 * removed first: SQLite finds a log by name, and must not find one file's log
 * beside the other. Connections that are open keep the old file until they
 * close it.
 */
function replaceSidecar(aside: string, db: string): void {
  foldLogIn(db)
  for (const suffix of ['-wal', '-shm']) rmSync(db + suffix, { force: true })
  renameSync(aside, db)
  syncToDisk(dirname(db))
}

function foldLogIn(db: string): void {
  if (statSync(db, { throwIfNoEntry: false }) === undefined) return
  try {
    const connection = new Database(db, { timeout: LOCK_WAIT_MS })
    try {
      // Passive: a reader that takes its time is not waited for.
      connection.pragma('wal_checkpoint(PASSIVE)')
    } finally {
      connection.close()
    }
  } catch (error) {
    // A damaged sidecar is a good reason to rebuild one.
    if (!(error instanceof Database.SqliteError)) throw error
  }
}

function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true })
}

function syncToDisk(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
