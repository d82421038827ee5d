import type { Command } from 'commander'
import type { RecordedRuns } from '../src/store/recorded-runs.js'
import type { SidecarReader } from '../src/sidecar/sidecar-reader.js'
import { type Location, locate } from './location.js'
import { bytes, type Output, writeLine } from './output.js'

/** What a command reads from. */
export interface OpenRuns extends Location {
  readonly runs: RecordedRuns
  readonly reader: SidecarReader
}

/**
 * Opens the sidecar for a command that reads, and closes it when that is done, however.
 *
 * @throws TurnlogError SIDECAR_NOT_FOUND, SIDECAR_UNREADABLE or SIDECAR_SCHEMA_MISMATCH
 */
export async function withRuns<T>(
  command: Command,
  use: (open: OpenRuns) => Promise<T>,
): Promise<T> {
  const location = locate(command)
  const [{ SidecarReader }, { LongReads }, { RecordedRuns }] = await Promise.all([
    import('../src/sidecar/sidecar-reader.js'),
    import('../src/query/long-reads.js'),
    import('../src/store/recorded-runs.js'),
  ])
  const reader = new SidecarReader(location.db)
  const runs = new RecordedRuns({ reader, longReads: new LongReads(location.db) })
  try {
    return await use({ ...location, runs, reader })
  } finally {
    await reader.close()
  }
}

/** Tells who sits at a terminal that the sidecar is behind the files, where it is. */
export function noteLag({ err }: Output, lagBytes: number): void {
  if (lagBytes === 0 || err.isTTY !== true) return
  writeLine(err, `${bytes(lagBytes)} are not indexed; \`turnlog index\` reads them`)
}
