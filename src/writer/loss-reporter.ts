import type { SystemEvent } from '../event/event-schema.js'
import { errnoName } from './drain-loop.js'
import { DROP_REASONS, type DropReason, LossLog, writeFailedEvent } from './loss-log.js'
import { WarningLimit } from './warning-limit.js'
import type { Logger } from './writer-options.js'
import type { WriterThread } from './writer-thread-host.js'

/** How often a loss is tried to be recorded while nothing is emitted, in milliseconds. */
const RETRY_MS = 20

/**
 * Tells of lost data: warns at once, now and then, and records it in the log
 * itself, whatever the verbosity, as soon as there is room.
 */
export class LossReporter {
  readonly #simulationId: string
  readonly #logger: Logger
  readonly #thread: WriterThread
  readonly #losses = new LossLog()
  readonly #warnings = new WarningLimit()
  #timer: NodeJS.Timeout | undefined
  #recoveriesTold = 0
  #lastTurn = 0
  #dropped = 0

  constructor(simulationId: string, logger: Logger, thread: WriterThread) {
    this.#simulationId = simulationId
    this.#logger = logger
    this.#thread = thread
  }

  /** Events dropped since the beginning. */
  get dropped(): number {
    return this.#dropped
  }

  /** Whether dropped events are not told of in the log yet. */
  get hasLosses(): boolean {
    return this.#losses.count > 0
  }

  /** Whether something happened that the log must tell of. */
  get hasNews(): boolean {
    return this.hasLosses || this.#thread.word('recoveries') !== this.#recoveriesTold
  }

  /** Takes note of how far the simulation is; what the log tells of itself bears its turn. */
  noteTurn(turn: number): void {
    this.#lastTurn = turn
  }

  /**
   * Counts a dropped event and warns of it.
   *
   * @param turn the event's own, where it has one
   * @param why where the reason alone does not say it
   */
  noteDrop(turn: number | undefined, reason: DropReason, why: string = DROP_REASONS[reason]): void {
    this.#dropped++
    this.#losses.add(turn ?? this.#lastTurn, reason)
    if (this.#warnings.isDue(reason)) {
      const details = { simulationId: this.#simulationId, dropped: this.#dropped }
      this.#logger.warn(details, `turnlog dropped an event: ${why}`)
    }
    if (reason === 'stopped') return
    this.#timer ??= setInterval(() => {
      this.record()
    }, RETRY_MS).unref()
  }

  /** Records the news, as far as there is room. */
  record(): void {
    const recoveries = this.#thread.word('recoveries')
    if (recoveries !== this.#recoveriesTold) {
      const event = writeFailedEvent({
        simulationId: this.#simulationId,
        turnNumber: this.#lastTurn,
        failedAttempts: this.#thread.word('failedAttempts'),
        systemError: errnoName(this.#thread.word('errno')),
      })
      if (!this.#push(event)) return
      this.#recoveriesTold = recoveries
    }
    if (this.hasLosses) {
      if (!this.#push(this.#losses.toEvent(this.#simulationId))) return
      this.#losses.clear()
    }
    this.end()
  }

  /** Tries no more of itself. */
  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #push(event: SystemEvent): boolean {
    return !this.#thread.isOver && this.#thread.queue.push(JSON.stringify(event))
  }
}
