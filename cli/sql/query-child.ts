import { Worker } from 'node:worker_threads'
import { TurnlogError } from '../../src/errors.js'
import { openSidecarForReading, readingError } from '../../src/sidecar/open-sidecar.js'
import { prepareQuery } from '../../src/sidecar/prepare-query.js'
import type { QueryAnswer, QueryOrder, QueryPiece } from './query-messages.js'
import { ROW_FORMATS } from './row-formats.js'
import { spellRows } from './spell-rows.js'

/** The process in which one query runs, and in which its rows are spelled; see `startQuery`. */

type RunOrder = Extract<QueryOrder, { kind: 'run' }>

/** The query and where it runs, once it has been ordered. */
let running: { readonly db: string; readonly pieces: Iterator<QueryPiece> } | undefined

process.on('message', (order: QueryOrder) => {
  try {
    if (order.kind === 'run') run(order)
    else sendPiece()
  } catch (error) {
    answer({ kind: 'failed', ...partsOf(error) })
  }
})

function run(order: RunOrder): void {
  const { db, query, spelling, maxRows } = order
  watch(order)
  const { columns, rows } = prepareQuery(openSidecarForReading(db), query)
  const format = ROW_FORMATS[spelling.format](columns, spelling.forTerminal)
  running = { db, pieces: spellRows(format, rows(), maxRows) }
  answer({ kind: 'begun' })
}

function sendPiece(): void {
  if (running === undefined) return
  const { db, pieces } = running
  try {
    const next = pieces.next()
    if (next.done !== true) answer({ kind: 'piece', ...next.value })
  } catch (error) {
    throw readingError(db, error)
  }
}

/** A thread that ends this process when it has to: nothing else can while SQLite is at work. */
function watch({ asker, maxMegabytes }: RunOrder): void {
  new Worker(new URL('./watch-thread.js', import.meta.url), {
    workerData: { asker, maxMegabytes },
  }).unref()
}

function answer(message: QueryAnswer): void {
  process.send?.(message)
}

/** Errors lose their class on the way between processes, so their parts travel. */
function partsOf(error: unknown): { code?: string; message: string; hint?: string } {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message } = error
  if (!(error instanceof TurnlogError)) return { message: error.stack ?? message }
  const { code, hint } = error
  return { code, message, ...(hint !== undefined && { hint }) }
}
