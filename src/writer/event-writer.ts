import { join } from 'node:path'
import { TurnlogError } from '../errors.js'
import type { EventId } from '../event/event-id.js'
import type { TurnlogEvent } from '../event/event-schema.js'
import { EVENT_TYPES } from '../event/event-type.js'
import { assertSimulationId } from '../event/simulation-id.js'
import { invalidEvent } from '../event/validate-event.js'
import type { LineEncoder } from '../event/line-encoder.js'
import { captures } from '../event/verbosity.js'
import { MAX_LINE_BYTES } from '../segment/block-reader.js'
import { type Cause, CausalContext, idsOf } from './causal-context.js'
import { checkEvent, spellLine } from './encode-event.js'
import { endRecording, settle, settleNow } from './end-recording.js'
import { type Flushable, guardExit, unguardExit } from './exit-guard.js'
import type { DropReason } from './loss-log.js'
import { failedToRecord, openRecording, type Recording } from './open-recording.js'
import { type EventWriterOptions, resolveOptions, type WriterSettings } from './writer-options.js'
import type { EmitResult, StopReport, WriterStats } from './writer-stats.js'

const DEFAULT_STOP_TIMEOUT_MS = 10_000

/**
 * Records the events of one run. `emit` never waits for the disk: a thread of
 * its own writes, also while the simulation runs a loop that never yields.
 */
export class EventWriter implements Flushable {
  /** The directory of the run: where its segments are. */
  readonly directory: string
  readonly #settings: WriterSettings
  readonly #leftOut: ReadonlySet<unknown>
  readonly #context = new CausalContext()
  #recording: Recording | undefined
  #stopping: Promise<StopReport> | undefined
  #exitDeadline: number | undefined
  #filtered = 0
  #invalid = 0
  #unwritten = 0

  /** @throws TurnlogError SETTING_INVALID or SIMULATION_ID_INVALID */
  constructor(options: EventWriterOptions) {
    this.#settings = resolveOptions(options)
    const { outputDir, simulationId, verbosity } = this.#settings
    assertSimulationId(simulationId)
    this.directory = join(outputDir, simulationId)
    this.#leftOut = new Set(EVENT_TYPES.filter((type) => !captures(verbosity, type)))
  }

  /**
   * Makes the run's directory, opens its active segment and starts the writing
   * thread; returns once events can be emitted. A started writer stays as it is.
   *
   * @returns this writer
   * @throws TurnlogError WRITER_LOCKED when another writer records this run,
   *   WRITER_FAILED when the directory or the file cannot be made, or after stop()
   */
  start(): this {
    if (this.#stopping !== undefined) {
      throw failedToRecord(
        this.directory,
        'the writer was stopped',
        'make a new EventWriter to record more',
      )
    }
    if (this.#recording !== undefined) return this
    this.#recording = openRecording(this.directory, this.#settings)
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
    const { thread, losses } = this.#started()
    if (this.#leftOut.has(typeOf(event))) {
      this.#filtered++
      this.#context.noteUnrecorded(event)
      return 'filtered'
    }
    if (this.#stopping !== undefined) return this.#drop(event, 'stopped')
    try {
      checkEvent(event, this.#settings)
      losses.noteTurn(event.turn_number)
      if (losses.hasNews) losses.record()
      if (thread.isOver) return this.#drop(event, 'died')
      if (!this.#push(event)) {
        return this.#drop(event, this.#settings.overflow === 'block' ? 'died' : 'full')
      }
    } catch (error) {
      const failure = asTurnlogError(event, error)
      if (this.#settings.onInvalid === 'throw') throw failure
      this.#invalid++
      return this.#drop(event, 'invalid', failure.message)
    }
    // It was dropped before, perhaps, and emitted once more.
    if (losses.dropped > 0) this.#context.noteRecorded(event.event_id)
    if (this.#exitDeadline !== undefined) this.flushNow(this.#exitDeadline)
    return 'accepted'
  }

  /**
   * Resolves when everything accepted before is with the operating system or,
   * unless durability is `os`, on the disk. While the disk fails, it waits.
   *
   * @throws TurnlogError WRITER_NOT_STARTED, or WRITER_FAILED when the writer
   *   ended without having written everything
   */
  async flush(): Promise<void> {
    const recording = this.#started()
    if (this.#stopping === undefined && (await settle(recording))) return
    // Stopping writes everything accepted before it, and so before this.
    const report = await this.#stopping
    if (report?.complete === true) return
    throw failedToRecord(
      this.directory,
      'the writer ended with events unwritten',
      'stats() says how many are missing',
    )
  }

  /**
   * Writes everything accepted and ends. What could not be written within
   * `timeoutMs` (default 10,000) is reported. Stopping again gives the same report.
   */
  stop({ timeoutMs = DEFAULT_STOP_TIMEOUT_MS } = {}): Promise<StopReport> {
    this.#stopping ??= this.#stop(timeoutMs)
    return this.#stopping
  }

  /**
   * Runs `fn` so that everything this writer is given in it is `caused_by` the
   * cause, also behind an `await`, in timers and in parallel branches. An event
   * that names its own causes keeps them; a `within` inside replaces the one
   * around it.
   *
   * @returns what `fn` returns
   * @throws TurnlogError EVENT_INVALID for a cause that is no event and no id; what `fn` throws
   */
  within<R>(cause: Cause, fn: () => R): R {
    return this.#context.within(cause, fn)
  }

  /**
   * Where links to an event lead: its own id where it is in the log, else its
   * nearest ancestors that are, as far as the writer remembers them (at least
   * for the last 32,768 events that were filtered out or dropped).
   */
  recordedCauses(cause: Cause): readonly EventId[] {
    return this.#context.recorded(idsOf(cause))
  }

  /** The account so far. */
  stats(): WriterStats {
    const { thread, losses } = this.#recording ?? {}
    const accepted = thread?.queue.pushed ?? 0
    const queued = this.#unwritten > 0 ? 0 : (thread?.queue.queued ?? 0)
    const dropped = losses?.dropped ?? 0
    return {
      emitted: accepted + this.#filtered + dropped,
      written: accepted - queued - this.#unwritten,
      filtered: this.#filtered,
      dropped: dropped + this.#unwritten,
      queued,
      invalid: this.#invalid,
      bytesWritten: thread?.total('bytesWritten') ?? 0,
      rotations: thread?.total('rotations') ?? 0,
      writeErrors: thread?.total('writeErrors') ?? 0,
    }
  }

  /**
   * Blocks until everything is written, for the end of a process (see
   * `guardExit`). What is emitted from then on, by listeners of `exit` that
   * come later, is written before `emit` returns.
   */
  flushNow(deadline: number): void {
    this.#exitDeadline = deadline
    if (this.#recording !== undefined) settleNow(this.#recording, deadline)
  }

  /** @returns whether there was room */
  #push(event: TurnlogEvent): boolean {
    const { thread, losses, encoder } = this.#started()
    const { overflow, maxQueueBytes } = this.#settings
    const { queue } = thread
    const causedBy = this.#context.causesOf(event)
    // The log tells of a loss before it goes on.
    const isHeldBack = overflow === 'drop' && losses.hasLosses
    if (!isHeldBack) {
      const limit = Math.min(queue.limit, queue.position + MAX_LINE_BYTES)
      const end = encodeOrLeave(encoder, event, causedBy, queue.position, limit)
      if (end !== undefined) {
        queue.pushSpelled(end)
        return true
      }
    }
    const line = spellLine(event, causedBy, maxQueueBytes)
    if (overflow === 'block') return queue.pushBlocking(line, () => thread.isOver)
    return !isHeldBack && queue.push(line)
  }

  #started(): Recording {
    if (this.#recording !== undefined) return this.#recording
    throw new TurnlogError('WRITER_NOT_STARTED', {
      message: `record into ${this.directory}: the writer was not started`,
      hint: 'call start() before the first event',
    })
  }

  #drop(event: unknown, reason: DropReason, why?: string): 'dropped' {
    this.#started().losses.noteDrop(turnOf(event), reason, why)
    this.#context.noteUnrecorded(event)
    return 'dropped'
  }

  async #stop(timeoutMs: number): Promise<StopReport> {
    if (this.#recording !== undefined) {
      this.#unwritten = await endRecording(this.#recording, timeoutMs)
      unguardExit(this)
    }
    const unwritten = this.#unwritten
    const stats = this.stats()
    const { simulationId, logger } = this.#settings
    if (unwritten > 0) {
      logger.error({ simulationId, ...stats }, `turnlog could not write ${unwritten} events`)
    } else {
      logger.info?.({ simulationId, ...stats }, 'turnlog stopped')
    }
    return { complete: unwritten === 0, unwritten, stats }
  }
}

/** What throws when it is looked at is left to who says so well. */
function encodeOrLeave(encoder: LineEncoder, ...line: Parameters<LineEncoder['encode']>) {
  try {
    return encoder.encode(...line)
  } catch {
    return undefined
  }
}

// Callers without types hand in anything, so these take what may be no event at all, or a
// revoked proxy of one.

function asTurnlogError(event: unknown, error: unknown): TurnlogError {
  if (error instanceof TurnlogError) return error
  const why = error instanceof Error ? error.message : String(error)
  return invalidEvent(event, `it cannot be read: ${why}`, error)
}

function typeOf(event: unknown): unknown {
  return fieldOf(event, 'event_type')
}

function turnOf(event: unknown): number | undefined {
  const turn = fieldOf(event, 'turn_number')
  return typeof turn === 'number' && Number.isSafeInteger(turn) && turn >= 0 ? turn : undefined
}

function fieldOf(event: unknown, key: string): unknown {
  if (typeof event !== 'object' || event === null) return undefined
  try {
    return (event as Partial<Record<string, unknown>>)[key]
  } catch {
    return undefined
  }
}
