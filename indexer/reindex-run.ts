import type Database from 'better-sqlite3'
import type { FoundSimulation } from '../src/segment/discovery.js'
import { openSidecarForReading } from '../src/sidecar/open-sidecar.js'
import { buildSearchIndex } from './build-search-index.js'
import { findRun } from './find-run.js'
import { finishReport, type IndexReport, readTotals } from './index-root.js'
import { withIndexerLock } from './indexer-lock.js'
import { LOCK_WAIT_MS, type ReindexOptions } from './reindex.js'
import { RootIndexer } from './root-indexer.js'
import { SearchIndex } from './search-index.js'
import { whyNotRead } from './segment-file.js'
import { SimulationVerifier } from './verify-simulation.js'
import { findMistypedValues } from './verify-values.js'

/** Which run is read anew, and where it is. */
export interface ReindexRunOptions extends ReindexOptions {
  readonly simulation: string
}

/**
 * Reads one run anew, in the sidecar there is and in one transaction: readers
 * find the run as it was until all of it is there, and it stays as it was when a
 * file cannot be read, the disk is full, or the process ends. Other indexers wait
 * as long; a server goes on answering.
 *
 * Where the rows of the run are not what its lines say, nobody knows what the
 * full-text index was given of it: that is emptied, and filled again like a new one.
 *
 * @throws TurnlogError ROOT_NOT_FOUND, SIMULATION_NOT_FOUND, SIDECAR_NOT_FOUND,
 *   SIDECAR_LOCKED, SIDECAR_UNREADABLE, SIDECAR_UNWRITABLE or SIDECAR_SCHEMA_MISMATCH; what
 *   `signal` aborts with
 */
export async function reindexRun(options: ReindexRunOptions): Promise<IndexReport> {
  const { root, db, simulation, signal, search = false, lockWaitMs = LOCK_WAIT_MS } = options
  const startedAt = performance.now()
  const shouldStop = (): boolean => signal?.aborted === true
  findRun(root, simulation, 'reindex')
  openSidecarForReading(db).close()
  const indexer = new RootIndexer({ ...options, shouldStop })
  try {
    const report = await withIndexerLock(db, lockWaitMs, async () => {
      const found = findRun(root, simulation, 'reindex')
      const connection = await indexer.connection()
      const pass = await indexer.replaceRun(found, () => {
        removeStrays(connection)
        distrustSearch(connection, found)
      })
      return finishReport(pass, await readTotals(indexer), startedAt)
    })
    signal?.throwIfAborted()
    if (!search || report.problems.length > 0) return report
    const building = { ...options, lockWaitMs, shouldStop }
    return { ...report, search: await buildSearchIndex(indexer, building) }
  } finally {
    indexer.close()
  }
}

/** Rows that lead to an event that is gone: another would get its number, and what they say with it. */
function removeStrays(connection: Database.Database): void {
  connection.exec(`
    DELETE FROM edge WHERE effect NOT IN (SELECT id FROM event);
    DELETE FROM dangling WHERE effect NOT IN (SELECT id FROM event);
    DELETE FROM leaf WHERE stretch NOT IN (SELECT id FROM stretch)`)
}

/** To take words out of the full-text index, FTS5 has to be told the very words that it was given. */
function distrustSearch(connection: Database.Database, found: FoundSimulation): void {
  const search = new SearchIndex(connection)
  if (search.isEmpty()) return
  const mistyped = findMistypedValues(connection, found.id)
  const isComparable = mistyped.next().done === true
  // As long as it reads, nothing can be written.
  mistyped.return(undefined)
  if (!isComparable || hasDoubtfulEvents(connection, found)) search.clear()
}

function hasDoubtfulEvents(
  connection: Database.Database,
  { id, segments }: FoundSimulation,
): boolean {
  const doubtful = new Set<string>()
  const verifier = new SimulationVerifier(connection, ({ event_id: event }) => {
    if (event !== undefined) doubtful.add(event)
  })
  try {
    verifier.verify(id, segments)
  } catch (error) {
    // What cannot be read now cannot be read in a moment either, and is told then.
    doubtful.add(whyNotRead(error))
  }
  return doubtful.size > 0
}
