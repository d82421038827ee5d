import { assertReadableRoot } from '../src/segment/discovery.js'
import { buildSearchIndex, type SearchOptions, type SearchReport } from './build-search-index.js'
import { withIndexerLock } from './indexer-lock.js'
import type { PassReport } from './pass-report.js'
import { RootIndexer, type RootIndexerOptions } from './root-indexer.js'

/** What `turnlog index` and `turnlog reindex` report. */
export interface IndexReport extends PassReport {
  readonly seconds: number
  /** What the sidecar holds now, over all runs. */
  readonly total: { readonly events: number; readonly rejects: number; readonly duplicates: number }
  /** What was made searchable afterwards; `seconds` above are without it. */
  readonly search?: SearchReport
}

/** Where runs are read from and written to. */
export interface IndexRootOptions extends Omit<RootIndexerOptions, 'mode'>, SearchOptions {
  /** How long to wait for another indexer, in milliseconds. */
  readonly lockWaitMs?: number
}

const LOCK_WAIT_MS = 5_000

/**
 * Brings everything new below a root into its sidecar, once. Where it is to be
 * searched, too, that comes afterwards.
 *
 * @throws TurnlogError ROOT_NOT_FOUND, SIDECAR_LOCKED, SIDECAR_UNREADABLE,
 *   SIDECAR_UNWRITABLE or SIDECAR_SCHEMA_MISMATCH
 */
export async function indexRoot(options: IndexRootOptions): Promise<IndexReport> {
  const startedAt = performance.now()
  const { root, db, lockWaitMs = LOCK_WAIT_MS, search = false } = options
  assertReadableRoot(root)
  const indexer = new RootIndexer(options)
  try {
    const report = await withIndexerLock(db, lockWaitMs, async () => {
      const pass = await indexer.pass()
      return finishReport(pass, await readTotals(indexer), startedAt)
    })
    if (!search) return report
    return { ...report, search: await buildSearchIndex(indexer, { ...options, lockWaitMs }) }
  } finally {
    indexer.close()
  }
}

/** What the sidecar of an indexer holds, over all runs. */
export async function readTotals(indexer: RootIndexer): Promise<IndexReport['total']> {
  const connection = await indexer.connection()
  return connection
    .prepare(
      `SELECT ifnull(sum(event_count), 0) AS events, ifnull(sum(reject_count), 0) AS rejects,
        ifnull(sum(duplicate_count), 0) AS duplicates FROM simulation`,
    )
    .get() as IndexReport['total']
}

/** A pass as it is reported; `startedAt` is a reading of `performance.now()`. */
export function finishReport(
  report: PassReport,
  total: IndexReport['total'],
  startedAt: number,
): IndexReport {
  const seconds = Math.round(performance.now() - startedAt) / 1000
  return { ...report, seconds, total }
}
