import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { TurnlogError } from '../errors.js'
import type { TurnlogEvent } from '../event/event-schema.js'
import { EVENT_TYPES, type EventType } from '../event/event-type.js'
import { assertSimulationId } from '../event/simulation-id.js'
import { CAPTURED_TYPES } from '../event/verbosity.js'
import { ProcessLock } from '../process-lock.js'
import { errnoName, type ThreadMessage } from './drain-loop.js'
import { type Flushable, guardExit, unguardExit } from './exit-guard.js'
import { encodeEvent } from './encode-event.js'
import { LossLog, writeFailedEvent } from './loss-log.js'
import { createQueueMemory, THREAD_STATES } from './shared-queue.js'
import { type EventWriterOptions, resolveOptions, type WriterSettings } from './writer-options.js'
import type { EmitResult, StopReport, WriterStats } from './writer-stats.js'
import { WriterThread } from './writer-thread-host.js'

/** Held by the writer of a run's directory. */
const LOCK_FILE = '.writer.lock'
const DEFAULT_STOP_TIMEOUT_MS = 10_000
const EXIT_TIMEOUT_MS = 10_000
/** How often a loss is tried to be recorded while nothing is emitted, in milliseconds. */
const LOSS_RETRY_MS = 20

/**
 * Records the events of one run. `emit` never waits for the disk: a thread of
 * its own writes, also while the simulation runs a loop that never yields.
 */
export class EventWriter implements Flushable {
  readonly #settings: WriterSettings
  readonly #directory: string
  readonly #captured: ReadonlySet<EventType>
  readonly #losses = new LossLog()
  #lock: ProcessLock | undefined
  #thread: WriterThread | undefined
  #stopping: Promise<StopReport> | undefined
  #lossTimer: NodeJS.Timeout | undefined
  #recoveriesTold = 0
  #accepted = 0
  #lastTurn = 0
  #filtered = 0
  #dropped = 0
  #invalid = 0
  #unwritten = 0

  /** @throws TurnlogError SETTING_INVALID or SIMULATION_ID_INVALID */
  constructor(options: EventWriterOptions) {
    this.#settings = resolveOptions(options)
    assertSimulationId(this.#settings.simulationId)
    this.#directory = join(this.#settings.outputDir, this.#settings.simulationId)
    this.#captured = CAPTURED_TYPES[this.#settings.verbosity]
  }

  /**
   * Makes the run's directory, opens its active segment and starts the writing
   * thread; returns once events can be emitted.
   *
   * @returns this writer
   * @throws TurnlogError WRITER_LOCKED when another writer records this run,
   *   WRITER_FAILED when the directory or the file cannot be made
   */
  start(): this {
    if (this.#thread !== undefined) return this
    this.#lock = this.#acquireLock()
    const { maxQueueSize, maxQueueBytes, maxFileSize, durability } = this.#settings
    const thread = new WriterThread(
      {
        memory: createQueueMemory(maxQueueSize, maxQueueBytes),
        directory: this.#directory,
        maxFileSize,
        durability,
      },
      (message) => {
        this.#hear(message)
      },
    )
    if (thread.state !== THREAD_STATES.running) {
      this.#lock.release()
      void thread.terminate()
      const errno = thread.word('errno')
      throw this.#failedToStart(errno === 0 ? 'the writing thread did not start' : errnoName(errno))
    }
    this.#thread = thread
    guardExit(this)
    return this
  }

  /**
   * Hands an event over and returns at once; with `overflow: 'block'`, once
   * there is room.
   *
   * @throws TurnlogError WRITER_NOT_STARTED, or with `onInvalid: 'throw'`
   *   EVENT_INVALID or EVENT_TOO_LARGE; the writer goes on in any case
   */
  emit(event: TurnlogEvent): EmitResult {
    const thread = this.#thread
    if (thread === undefined) throw notStarted(this.#directory)
    if (!this.#captured.has(event.event_type) && isEventType(event.event_type)) {
      this.#filtered++
      return 'filtered'
    }
    if (this.#stopping !== undefined) return this.#drop(event, 'the writer was stopped')
    let line: string
    try {
      line = encodeEvent(event, this.#settings)
    } catch (error) {
      if (this.#settings.onInvalid === 'throw' || !(error instanceof TurnlogError)) throw error
      this.#invalid++
      return this.#drop(event, error.message)
    }
    if (this.#hasNews(thread)) this.#recordLosses(thread)
    const pushed =
      this.#settings.overflow === 'block'
        ? thread.queue.pushBlocking(line, () => thread.isOver)
        : this.#losses.count === 0 && thread.queue.push(line)
    if (!pushed) return this.#drop(event, 'the queue is full')
    this.#accepted++
    this.#lastTurn = event.turn_number
    return 'accepted'
  }

  /**
   * Resolves when everything accepted before is with the operating system or,
   * unless durability is `os`, on the disk.
   *
   * @throws TurnlogError WRITER_NOT_STARTED
   */
  async flush(): Promise<void> {
    const thread = this.#thread
    if (thread === undefined) throw notStarted(this.#directory)
    await this.#drainQueue(thread)
    if (this.#hasNews(thread)) {
      this.#recordLosses(thread)
      await this.#drainQueue(thread)
    }
  }

  /**
   * Writes everything accepted and ends. What could not be written within
   * `timeoutMs` (default 10,000) is reported. Stopping again gives the same report.
   */
  stop({ timeoutMs = DEFAULT_STOP_TIMEOUT_MS } = {}): Promise<StopReport> {
    this.#stopping ??= this.#stop(timeoutMs)
    return this.#stopping
  }

  /** The account so far. */
  stats(): WriterStats {
    const queued = this.#unwritten > 0 ? 0 : (this.#thread?.queue.queued ?? 0)
    return {
      emitted: this.#accepted + this.#filtered + this.#dropped,
      written: this.#accepted - queued - this.#unwritten,
      filtered: this.#filtered,
      dropped: this.#dropped + this.#unwritten,
      queued,
      invalid: this.#invalid,
      bytesWritten: this.#thread?.total('bytesWritten') ?? 0,
      rotations: this.#thread?.total('rotations') ?? 0,
      writeErrors: this.#thread?.total('writeErrors') ?? 0,
    }
  }

  /** Blocks until everything is written, for the end of a process; see `guardExit`. */
  flushNow(): void {
    const thread = this.#thread
    if (thread === undefined) return
    const deadline = performance.now() + EXIT_TIMEOUT_MS
    const flushed = (): void => {
      const request = thread.askFlush()
      thread.blockUntil(() => thread.isFlushed(request), deadline - performance.now())
    }
    flushed()
    if (this.#hasNews(thread) && this.#stopping === undefined) {
      this.#recordLosses(thread)
      flushed()
    }
  }

  #acquireLock(): ProcessLock {
    try {
      mkdirSync(this.#directory, { recursive: true })
      const lock = ProcessLock.tryAcquire(join(this.#directory, LOCK_FILE))
      if (lock !== undefined) return lock
    } catch (cause) {
      throw this.#failedToStart(cause instanceof Error ? cause.message : String(cause), cause)
    }
    throw new TurnlogError('WRITER_LOCKED', {
      message: `record into ${this.#directory}: another writer is at work there`,
      hint: 'stop it, or record under another simulationId',
    })
  }

  #failedToStart(why: string, cause?: unknown): TurnlogError {
    return new TurnlogError('WRITER_FAILED', {
      message: `record into ${this.#directory}: ${why}`,
      hint: 'check that outputDir can be written and the disk has room',
      cause,
    })
  }

  #drop(event: TurnlogEvent, why: string): 'dropped' {
    this.#dropped++
    const { turn_number: turn } = event
    const warn = this.#losses.add(Number.isSafeInteger(turn) && turn >= 0 ? turn : 0)
    if (warn) {
      const { simulationId, logger } = this.#settings
      logger.warn({ simulationId, dropped: this.#dropped }, `turnlog dropped an event: ${why}`)
    }
    if (this.#stopping === undefined) {
      this.#lossTimer ??= setInterval(() => {
        if (this.#thread !== undefined) this.#recordLosses(this.#thread)
      }, LOSS_RETRY_MS).unref()
    }
    return 'dropped'
  }

  /** Whether something happened that the log itself must tell of. */
  #hasNews(thread: WriterThread): boolean {
    return this.#losses.count > 0 || thread.word('recoveries') !== this.#recoveriesTold
  }

  /** Records what was lost, whatever the verbosity, as soon as there is room. */
  #recordLosses(thread: WriterThread): void {
    const { simulationId } = this.#settings
    const recoveries = thread.word('recoveries')
    if (recoveries !== this.#recoveriesTold) {
      const event = writeFailedEvent({
        simulationId,
        turnNumber: this.#lastTurn,
        failedAttempts: thread.word('failedAttempts'),
        systemError: errnoName(thread.word('errno')),
      })
      if (!this.#pushOwn(thread, event)) return
      this.#recoveriesTold = recoveries
    }
    if (this.#losses.count > 0 && this.#pushOwn(thread, this.#losses.toEvent(simulationId))) {
      this.#losses.clear()
    }
    if (this.#losses.count > 0) return
    clearInterval(this.#lossTimer)
    this.#lossTimer = undefined
  }

  #pushOwn(thread: WriterThread, event: TurnlogEvent): boolean {
    const pushed = thread.queue.push(JSON.stringify(event))
    if (pushed) this.#accepted++
    return pushed
  }

  async #drainQueue(thread: WriterThread): Promise<void> {
    const request = thread.askFlush()
    await thread.until(() => thread.isFlushed(request))
  }

  async #stop(timeoutMs: number): Promise<StopReport> {
    const thread = this.#thread
    if (thread !== undefined) {
      let timer: NodeJS.Timeout | undefined
      const limit = new Promise((resolve) => {
        timer = setTimeout(resolve, timeoutMs)
      })
      await Promise.race([this.#finish(thread), limit])
      clearTimeout(timer)
      clearInterval(this.#lossTimer)
      this.#unwritten = thread.queue.queued
      await thread.terminate()
      unguardExit(this)
      this.#lock?.release()
    }
    const stats = this.stats()
    if (this.#unwritten > 0) {
      const { simulationId, logger } = this.#settings
      logger.error({ simulationId, ...stats }, `turnlog could not write ${this.#unwritten} events`)
    }
    return { complete: this.#unwritten === 0, unwritten: this.#unwritten, stats }
  }

  async #finish(thread: WriterThread): Promise<void> {
    await this.#drainQueue(thread)
    if (this.#hasNews(thread)) this.#recordLosses(thread)
    thread.askStop()
    await thread.until(() => false)
  }

  #hear(message: ThreadMessage): void {
    const { simulationId, logger } = this.#settings
    if (message.kind === 'write-failed') {
      logger.warn({ simulationId }, `turnlog cannot write and tries again: ${message.message}`)
    } else if (message.kind === 'recovered' && this.#thread !== undefined) {
      this.#recordLosses(this.#thread)
    }
  }
}

function isEventType(type: string): boolean {
  return (EVENT_TYPES as readonly string[]).includes(type)
}

function notStarted(directory: string): TurnlogError {
  return new TurnlogError('WRITER_NOT_STARTED', {
    message: `record into ${directory}: the writer was not started`,
    hint: 'call start() before the first event',
  })
}
