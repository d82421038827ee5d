import { Worker } from 'node:worker_threads'
import { TurnlogError } from '../../src/errors.js'
import { openSidecarForReading, readingError } from '../../src/sidecar/open-sidecar.js'
import { prepareQuery, type SqlValue } from '../../src/sidecar/prepare-query.js'
import type { QueryAnswer, QueryOrder } from './query-messages.js'

/** The process in which one query runs; see `startQuery`. */

/** Rows travel together until there are this many, */
const MAX_ROWS = 1_000
/** or they are this large, in bytes, */
const MAX_BYTES = 256 * 1024
/** or the first of them waits this long, in milliseconds. */
const MAX_WAIT_MS = 100

/** A larger row is none for people; more than one process has to hold it. */
const MAX_ROW_BYTES = 64 * 1024 * 1024

type Row = readonly SqlValue[]

class Query {
  readonly #db: string
  readonly #rows: Iterator<Row>
  #left: number

  constructor({ db, query, maxRows }: Extract<QueryOrder, { kind: 'run' }>) {
    this.#db = db
    this.#left = maxRows === 0 ? Infinity : maxRows
    const { columns, rows } = prepareQuery(openSidecarForReading(db), query)
    this.#rows = rows()
    answer({ kind: 'columns', columns })
  }

  sendSome(): void {
    const rows: Row[] = []
    const startedAt = performance.now()
    let bytes = 0
    while (rows.length < MAX_ROWS && bytes < MAX_BYTES) {
      const next = this.#next()
      if (next.done === true) {
        answer({ kind: 'rows', rows, end: 'all' })
        return
      }
      if (this.#left-- === 0) {
        answer({ kind: 'rows', rows, end: 'limit' })
        return
      }
      const size = sizeOf(next.value)
      if (size > MAX_ROW_BYTES) throw rowTooLarge()
      rows.push(next.value)
      bytes += size
      if (performance.now() - startedAt > MAX_WAIT_MS) break
    }
    answer({ kind: 'rows', rows })
  }

  #next(): IteratorResult<Row> {
    try {
      return this.#rows.next()
    } catch (error) {
      throw readingError(this.#db, error)
    }
  }
}

function rowTooLarge(): TurnlogError {
  return new TurnlogError('QUERY_TOO_BROAD', {
    message: `run the query: one of its rows is larger than ${MAX_ROW_BYTES / 1024 / 1024} MB`,
    hint: 'ask for less in a row',
  })
}

/** In bytes, about. */
function sizeOf(row: Row): number {
  let bytes = 0
  for (const value of row) {
    if (typeof value === 'string') bytes += value.length
    else bytes += value instanceof Uint8Array ? value.byteLength : 8
  }
  return bytes
}

let query: Query | undefined

process.on('message', (order: QueryOrder) => {
  try {
    if (order.kind === 'run') {
      watch(order)
      query = new Query(order)
    } else query?.sendSome()
  } catch (error) {
    answer({ kind: 'failed', ...partsOf(error) })
  }
})

/** A thread that ends this process when it has to: nothing else can while SQLite is at work. */
function watch({ asker, maxMegabytes }: Extract<QueryOrder, { kind: 'run' }>): void {
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
