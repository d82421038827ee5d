import type Database from 'better-sqlite3'
import type { FoundSimulation } from '../src/segment/discovery.js'
import { NOTHING } from './ingest-counts.js'
import { type IngestProgress, ProgressMeter } from './ingest-progress.js'
import type { SimulationIndexer } from './index-simulation.js'
import type { PassReport } from './pass-report.js'

/** How a run is replaced. */
export interface Replacement {
  /** The output root. */
  readonly root: string
  /** The run, as it was listed just now. */
  readonly found: FoundSimulation
  /** Called first, in the same transaction. */
  readonly prepare: () => void
  readonly onProgress?: ((progress: IngestProgress) => void) | undefined
}

/**
 * Reads all of a run again, in one transaction; nothing changes unless all of it can be read.
 *
 * @param connection nobody else's: the transaction waits for what is read
 */
export async function replaceRun(
  { connection, indexer }: { connection: Database.Database; indexer: SimulationIndexer },
  { root, found, prepare, onProgress }: Replacement,
): Promise<PassReport> {
  const meter = new ProgressMeter({ simulations: [found], problems: [] }, onProgress)
  const onRead = (read: Parameters<ProgressMeter['addBlock']>[1]): void => {
    meter.addBlock(found.id, read)
  }
  connection.exec('BEGIN IMMEDIATE')
  try {
    prepare()
    indexer.remove(found.id)
    const read = await indexer.index(root, found.id, found.segments, { onRead })
    const { segments, problems, unfinished, ...counts } = read
    const isWhole = problems.length === 0 && !unfinished
    connection.exec(isWhole ? 'COMMIT' : 'ROLLBACK')
    return { ...(isWhole ? counts : NOTHING), simulations: 1, segments, removed: 0, problems }
  } finally {
    if (connection.inTransaction) connection.exec('ROLLBACK')
  }
}
