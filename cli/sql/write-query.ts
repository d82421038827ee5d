import type { TerminalStream } from '../output.js'
import { writePieces } from '../write-pieces.js'
import { type QueryLimits, startQuery, type WrittenRows } from './query-process.js'
import type { RowFormatName } from './row-formats.js'

/** Where a query is run, how far it may go, and how its rows are written. */
export interface QueryPlan extends QueryLimits {
  readonly db: string
  readonly format: RowFormatName
}

/**
 * Runs a query and writes its rows while they come, no faster than they are taken.
 *
 * @param signal ends the query, and the wait for who does not read, with its reason
 * @throws what `startQuery` throws
 */
export async function writeQuery(
  query: string,
  { db, format, ...limits }: QueryPlan,
  stream: TerminalStream,
  signal?: AbortSignal,
): Promise<WrittenRows> {
  const spelling = { format, forTerminal: stream.isTTY === true }
  const { pieces, written } = await startQuery(db, query, spelling, limits, signal)
  await writePieces(stream, pieces, signal)
  return written()
}
