import { type ChildProcess, fork } from 'node:child_process'
import { ERROR_CODES, type ErrorCode, TurnlogError } from '../../src/errors.js'
import type { QueryAnswer, QueryOrder, QueryPiece, RowSpelling } from './query-messages.js'

/** How far a query may go. */
export interface QueryLimits {
  /** Rows; 0 is any number. */
  readonly limit: number
  /** Seconds, without those spent on waiting for who reads the rows. */
  readonly timeout: number
  /** Megabytes. */
  readonly memory: number
}

/** What a query has given. */
export interface WrittenRows {
  readonly rows: number
  /** Whether there are more than the limit. */
  readonly isCutOff: boolean
}

/** A query under way. */
export interface RunningQuery {
  /** Its rows as a text in pieces, each made when it is asked for; ends the query when it is left. */
  readonly pieces: AsyncIterable<string>
  /** The rows in the pieces so far. */
  readonly written: () => WrittenRows
}

/**
 * Starts a query on a sidecar, in a process of its own: while SQLite is at work
 * on a row nothing else runs in its thread, and a thread in such work cannot be
 * stopped. A process can. Its rows are spelled there, too, which of large values
 * is as much work.
 *
 * @param signal ends the query at once; what waits for it throws the signal's reason
 * @throws TurnlogError QUERY_INVALID, QUERY_NOT_READ_ONLY, QUERY_TOO_BROAD at a limit, and what
 *   opening a sidecar throws; all but the first two also while `pieces` are read
 */
export async function startQuery(
  db: string,
  query: string,
  spelling: RowSpelling,
  limits: QueryLimits,
  signal?: AbortSignal,
): Promise<RunningQuery> {
  const process = new QueryProcess(limits, signal)
  try {
    const answer = await process.ask({
      kind: 'run',
      db,
      query,
      spelling,
      maxRows: limits.limit,
      maxMegabytes: limits.memory,
      asker: globalThis.process.pid,
    })
    if (answer.kind !== 'begun') throw new Error(`a query began with ${answer.kind}`)
    let written: WrittenRows = { rows: 0, isCutOff: false }
    const pieces = readPieces(process, ({ rows, end }) => {
      written = { rows: written.rows + rows, isCutOff: end === 'limit' }
    })
    return { pieces, written: () => written }
  } catch (error) {
    process.kill()
    throw error
  }
}

async function* readPieces(
  process: QueryProcess,
  onPiece: (piece: QueryPiece) => void,
): AsyncGenerator<string> {
  try {
    for (;;) {
      const answer = await process.ask({ kind: 'more' })
      if (answer.kind !== 'piece') throw new Error(`a query went on with ${answer.kind}`)
      onPiece(answer)
      yield answer.text
      if (answer.end !== undefined) return
    }
  } finally {
    process.kill()
  }
}

type Answer = Exclude<QueryAnswer, { kind: 'failed' }>

/** The process that runs a query, and the time it has left. */
class QueryProcess {
  readonly #child: ChildProcess
  readonly #limits: QueryLimits
  readonly #signal: AbortSignal | undefined
  #millisecondsLeft: number
  #failure: Error | undefined
  #settle: ((outcome: Answer | Error) => void) | undefined

  constructor(limits: QueryLimits, signal?: AbortSignal) {
    this.#limits = limits
    this.#signal = signal
    this.#millisecondsLeft = limits.timeout * 1000
    this.#child = fork(new URL('./query-child.js', import.meta.url), {
      serialization: 'advanced',
      execArgv: [],
      // Ctrl-C reaches every process of a terminal's group; whether this one ends is said here.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child.on('message', (answer: QueryAnswer) => {
      if (answer.kind === 'failed') this.#fail(asError(answer))
      else this.#settle?.(answer)
    })
    this.#child.on('error', (error) => {
      this.#fail(error)
    })
    this.#child.on('exit', (code, exitSignal) => {
      // Nobody here has killed it: its own watch has, or the system, for want of memory.
      const isMemory = exitSignal === 'SIGKILL' || exitSignal === 'SIGABRT'
      const how = exitSignal ?? `exit code ${code}`
      this.#fail(isMemory ? tookTooMuch(limits) : new Error(`the query's process ended: ${how}`))
    })
    signal?.addEventListener('abort', this.#onAbort)
    if (signal?.aborted === true) this.#onAbort()
  }

  /** Sends an order and waits for the answer, within the time that is left. */
  async ask(order: QueryOrder): Promise<Answer> {
    if (this.#failure !== undefined) throw this.#failure
    const askedAt = performance.now()
    const timer = setTimeout(() => {
      this.#fail(tookTooLong(this.#limits))
    }, this.#millisecondsLeft)
    const outcome = await new Promise<Answer | Error>((resolve) => {
      this.#settle = resolve
      this.#child.send(order)
    })
    clearTimeout(timer)
    this.#settle = undefined
    this.#millisecondsLeft -= performance.now() - askedAt
    if (outcome instanceof Error) throw outcome
    return outcome
  }

  /** Ends the process, whatever it is doing. Calling it again does nothing. */
  kill(): void {
    this.#fail(new Error('the query was ended'))
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#signal?.reason
    this.#fail(reason instanceof Error ? reason : new Error(String(reason)))
  }

  /** The first failure is the one that counts. */
  #fail(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#child.kill('SIGKILL')
    this.#settle?.(error)
  }
}

function tookTooLong({ timeout }: QueryLimits): TurnlogError {
  return new TurnlogError('QUERY_TOO_BROAD', {
    message: `run the query: it was stopped after ${timeout} s`,
    hint: 'name the run and the turns in the query, or give it longer with --timeout',
  })
}

function tookTooMuch({ memory }: QueryLimits): TurnlogError {
  return new TurnlogError('QUERY_TOO_BROAD', {
    message: `run the query: it was stopped at ${memory} MB of memory`,
    hint: 'ask for less at a time, or give it more with --memory',
  })
}

function asError({ code, message, hint }: Extract<QueryAnswer, { kind: 'failed' }>): Error {
  if (!isErrorCode(code)) return new Error(message)
  return new TurnlogError(code, { message, ...(hint !== undefined && { hint }) })
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && code in ERROR_CODES
}
