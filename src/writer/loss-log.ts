import { createSystemEvent } from '../event/builders.js'
import type { SystemEvent } from '../event/event-schema.js'

/** How often a warning is repeated at most, in milliseconds. */
const WARN_EVERY_MS = 5_000

/** Keeps account of dropped events until the log itself can say so. */
export class LossLog {
  #count = 0
  #firstTurn = 0
  #lastTurn = 0
  #warnedAt = -Infinity

  /** Events dropped that no recorded event tells of yet. */
  get count(): number {
    return this.#count
  }

  /** @returns whether it is time to warn of it */
  add(turn: number): boolean {
    if (this.#count === 0) this.#firstTurn = turn
    this.#firstTurn = Math.min(this.#firstTurn, turn)
    this.#lastTurn = this.#count === 0 ? turn : Math.max(this.#lastTurn, turn)
    this.#count++
    const now = performance.now()
    if (now - this.#warnedAt < WARN_EVERY_MS) return false
    this.#warnedAt = now
    return true
  }

  /** The event that tells of what was dropped. */
  toEvent(simulationId: string): SystemEvent {
    return createSystemEvent({
      simulationId,
      turnNumber: this.#lastTurn,
      status: 'warning',
      errorType: 'events_dropped',
      description: `${this.#count} events were dropped: the queue was full`,
      details: {
        dropped_count: this.#count,
        first_turn: this.#firstTurn,
        last_turn: this.#lastTurn,
      },
    })
  }

  /** To be called once that event is accepted. */
  clear(): void {
    this.#count = 0
  }
}

/** What is known of a failure that is over. */
export interface WriteFailure {
  readonly simulationId: string
  readonly turnNumber: number
  readonly failedAttempts: number
  /** The system's word for it, such as `ENOSPC`. */
  readonly systemError: string
}

/** The event that tells of writing that failed and works again. */
export function writeFailedEvent(failure: WriteFailure): SystemEvent {
  const { simulationId, turnNumber, failedAttempts, systemError } = failure
  return createSystemEvent({
    simulationId,
    turnNumber,
    status: 'retry',
    errorType: 'write_failed',
    retryCount: failedAttempts,
    description: `Writing failed ${failedAttempts} times (${systemError}) and works again`,
    details: { system_error: systemError },
  })
}
