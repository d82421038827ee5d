import { setImmediate as otherTurns } from 'node:timers/promises'
import { TurnlogError } from '../errors.js'

/** How long work goes on before others have their turn, in milliseconds. */
const TURN_MS = 8

/** How much work may be spent on one question. */
export interface WorkLimitOptions {
  /** From now on, in milliseconds. */
  readonly limitMs: number
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined
  /** How to ask for less. */
  readonly advice?: string | undefined
}

/** Bounds work that may take long, and lets others have their turn meanwhile. */
export class WorkLimit {
  readonly #limitMs: number
  readonly #advice: string
  readonly #signal: AbortSignal | undefined
  readonly #beganAt: number
  #endsAt: number
  #turnEndsAt: number

  constructor({ limitMs, signal, advice = ADVICE }: WorkLimitOptions) {
    const now = performance.now()
    this.#limitMs = limitMs
    this.#advice = advice
    this.#signal = signal
    this.#beganAt = now
    this.#endsAt = now + limitMs
    this.#turnEndsAt = now + TURN_MS
  }

  /** Whether the time is up, for work that can end with what it has. */
  get isOver(): boolean {
    return performance.now() >= this.#endsAt
  }

  /** A limit for a part of the work, from now on; it ends with nobody waiting as well. */
  ofPart(limitMs: number): WorkLimit {
    return new WorkLimit({ limitMs, signal: this.#signal, advice: this.#advice })
  }

  /** Lets it end earlier, for work that can end with what it has: so long after its beginning, in milliseconds. */
  shorten(limitMs: number): void {
    this.#endsAt = Math.min(this.#endsAt, this.#beganAt + limitMs)
  }

  /**
   * To be called between parts of some milliseconds at the most.
   *
   * @throws TurnlogError QUERY_TOO_BROAD when the time is up
   * @throws the signal's reason when it has aborted
   */
  async pause(): Promise<void> {
    if (this.isOver) throw tooBroad(this.#limitMs, this.#advice)
    await this.giveWay()
  }

  /** Lets others have their turn, without looking at the time. */
  async giveWay(): Promise<void> {
    this.#signal?.throwIfAborted()
    if (performance.now() < this.#turnEndsAt) return
    await otherTurns()
    this.#signal?.throwIfAborted()
    this.#turnEndsAt = performance.now() + TURN_MS
  }
}

const ADVICE = 'narrow the question by turns, times, types or agents'

function tooBroad(limitMs: number, advice: string): TurnlogError {
  return new TurnlogError('QUERY_TOO_BROAD', {
    message: `looked through events for ${limitMs / 1_000} s and came to no end; ${advice}`,
    hint: 'narrow the question, or raise --query-timeout',
  })
}
