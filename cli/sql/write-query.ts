import { once } from 'node:events'
import type { TerminalStream } from '../output.js'
import { type QueryLimits, startQuery } from './query-process.js'
import { ROW_FORMATS, type RowFormatName } from './row-formats.js'

/** Where a query is run, how far it may go, and how its rows are written. */
export interface QueryPlan extends QueryLimits {
  readonly db: string
  readonly format: RowFormatName
}

/** What was written. */
export interface WrittenRows {
  readonly rows: number
  /** Whether there are more than the limit. */
  readonly isCutOff: boolean
}

/**
 * Runs a query and writes its rows while they come, no faster than they are taken.
 *
 * @throws what `startQuery` throws
 */
export async function writeQuery(
  query: string,
  { db, format, ...limits }: QueryPlan,
  stream: TerminalStream,
  signal?: AbortSignal,
): Promise<WrittenRows> {
  const { columns, parts, isCutOff, stop } = await startQuery(db, query, limits, signal)
  const write = async (text: string): Promise<void> => {
    if (text !== '' && !stream.write(text)) {
      await once(stream, 'drain', signal === undefined ? {} : { signal })
    }
  }
  const { begin, rows, end } = ROW_FORMATS[format](columns, stream.isTTY === true)
  try {
    let written: number | undefined
    for await (const part of parts) {
      // Not before there is something to begin with: the first row may fail.
      if (written === undefined) await write(begin())
      await write(rows(part))
      written = (written ?? 0) + part.length
    }
    await write(end(isCutOff()))
    return { rows: written ?? 0, isCutOff: isCutOff() }
  } finally {
    stop()
  }
}
