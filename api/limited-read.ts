import { TurnlogError } from '../src/errors.js'
import { WorkLimit } from '../src/query/work-limit.js'
import type { Snapshot } from '../src/sidecar/sidecar-reader.js'
import type { ApiDependencies } from './route.js'

/** How long a read may keep other short ones waiting, in milliseconds: as long as a large page takes. */
const SHORT_READ_MS = 25

type ReadDependencies = Pick<ApiDependencies, 'reader' | 'longReads' | 'queryLimitMs'>

/** Asks a sidecar something, and pauses between its parts. */
type Use<T> = (snapshot: Snapshot, limit: WorkLimit) => Promise<T>

/**
 * Runs queries that mostly take a moment, but can take long. They are tried as
 * a short read first; what comes to no end then begins anew as a long one, on a
 * connection of its own.
 *
 * @param signal aborts when nobody waits for the answer any more
 * @param advice how to ask for less
 * @throws TurnlogError QUERY_TOO_BROAD when it takes longer than `queryLimitMs`,
 *   or SERVER_BUSY when too many others do
 */
export async function limitedRead<T>(
  { reader, longReads, queryLimitMs }: ReadDependencies,
  signal: AbortSignal,
  use: Use<T>,
  advice?: string,
): Promise<T> {
  try {
    return await reader.read((snapshot) =>
      use(snapshot, new WorkLimit({ limitMs: SHORT_READ_MS, signal })),
    )
  } catch (error) {
    if (!(error instanceof TurnlogError && error.code === 'QUERY_TOO_BROAD')) throw error
  }
  return longReads.read({ limitMs: queryLimitMs, signal, advice }, use)
}
