import { TurnlogError } from '../src/errors.js'
import { WorkLimit } from '../src/query/work-limit.js'
import type { Snapshot } from '../src/sidecar/sidecar-reader.js'
import type { ApiDependencies } from './route.js'

/** How long a read may keep other short ones waiting, in milliseconds: as long as a large page takes. */
const SHORT_READ_MS = 25

/** How a read is tried. */
export interface ReadOptions {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** Whether it is a long one from the beginning: one of its statements alone may take long. */
  readonly isLong?: boolean
  /** How to ask for less. */
  readonly advice?: string
}

type ReadDependencies = Pick<ApiDependencies, 'reader' | 'longReads' | 'queryLimitMs'>

/** Asks a sidecar something, and pauses between its parts. */
type Use<T> = (snapshot: Snapshot, limit: WorkLimit) => Promise<T>

/**
 * Runs queries that mostly take a moment, but can take long. They are tried as
 * a short read first; what comes to no end then begins anew as a long one, on a
 * connection of its own.
 *
 * @throws TurnlogError QUERY_TOO_BROAD when it takes longer than `queryLimitMs`,
 *   or SERVER_BUSY when too many others do
 */
export async function limitedRead<T>(
  { reader, longReads, queryLimitMs }: ReadDependencies,
  { signal, isLong = false, advice }: ReadOptions,
  use: Use<T>,
): Promise<T> {
  try {
    if (!isLong) {
      const limit = new WorkLimit({ limitMs: SHORT_READ_MS, signal })
      return await reader.read((snapshot) => use(snapshot, limit))
    }
  } catch (error) {
    if (!(error instanceof TurnlogError && error.code === 'QUERY_TOO_BROAD')) throw error
  }
  return longReads.read({ limitMs: queryLimitMs, signal, advice }, use)
}
