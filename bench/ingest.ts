import { rmSync, statSync } from 'node:fs'
import { indexRoot } from '../indexer/index-root.js'
import { reindexRoot } from '../indexer/reindex.js'
import { median } from './measure.js'

/** How fast a root is indexed. */
export interface IngestFigures {
  /** Events per second, incremental into a write-ahead log. */
  readonly incremental: number
  /** Events per second, built aside. */
  readonly rebuild: number
  /** Sidecar bytes per byte of JSON Lines. */
  readonly sizeRatio: number
  /** A pass that finds nothing new, in milliseconds. */
  readonly idlePassMs: number
}

/** Indexes a root from nothing and builds it anew, `rounds` times. */
export async function measureIngest(
  root: string,
  db: string,
  jsonlBytes: number,
  rounds: number,
): Promise<IngestFigures> {
  const incremental: number[] = []
  const rebuild: number[] = []
  for (let round = 0; round < rounds; round++) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(db + suffix, { force: true })
    const indexed = await indexRoot({ root, db })
    incremental.push(indexed.events / indexed.seconds)
    const rebuilt = await reindexRoot({ root, db })
    rebuild.push(rebuilt.events / rebuilt.seconds)
  }
  const idle = await indexRoot({ root, db })
  return {
    incremental: median(incremental),
    rebuild: median(rebuild),
    sizeRatio: statSync(db).size / jsonlBytes,
    idlePassMs: idle.seconds * 1000,
  }
}
