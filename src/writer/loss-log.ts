import { createSystemEvent } from '../event/builders.js'
import type { SystemEvent } from '../event/event-schema.js'

/** Why an event was dropped, as a person reads it. */
export const DROP_REASONS = {
  full: 'the queue was full',
  invalid: 'it was not valid',
  stopped: 'the writer was stopped',
  died: 'the writing thread died',
} as const

/** One of {@link DROP_REASONS}. */
export type DropReason = keyof typeof DROP_REASONS

/** Keeps account of dropped events until the log itself can say so. */
export class LossLog {
  readonly #counts = new Map<DropReason, number>()
  #count = 0
  #firstTurn = Infinity
  #lastTurn = -Infinity

  /** Events dropped that no recorded event tells of yet. */
  get count(): number {
    return this.#count
  }

  /** Takes note of one dropped event. */
  add(turn: number, reason: DropReason): void {
    this.#count++
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
    this.#firstTurn = Math.min(this.#firstTurn, turn)
    this.#lastTurn = Math.max(this.#lastTurn, turn)
  }

  /** The event that tells of what was dropped; there must be something. */
  toEvent(simulationId: string): SystemEvent {
    const reasons = [...this.#counts].map(([reason, count]) => `${DROP_REASONS[reason]} (${count})`)
    return createSystemEvent({
      simulationId,
      turnNumber: this.#lastTurn,
      status: 'warning',
      errorType: 'events_dropped',
      description: `Events were dropped: ${reasons.join(', ')}`,
      details: {
        dropped_count: this.#count,
        first_turn: this.#firstTurn,
        last_turn: this.#lastTurn,
      },
    })
  }

  /** To be called once that event is accepted. */
  clear(): void {
    this.#counts.clear()
    this.#count = 0
    this.#firstTurn = Infinity
    this.#lastTurn = -Infinity
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
