import type { RecordedEvent } from './answers.js'
import { TurnlogApiError, TurnlogConnectionError } from './client-errors.js'
import type { Answer } from './connection.js'
import { EventStreamParser } from './event-stream-parser.js'
import { reconnectDelay } from './reconnect-delay.js'
import { SilenceLimit } from './silence-limit.js'

/** How a run is followed. */
export interface FollowOptions {
  /** Ends it when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** Where to begin without a position: at what comes from now on, or at the first event. */
  readonly from?: 'now' | 'beginning' | undefined
  /** Goes on behind this position, the `id` of an event that was followed before. */
  readonly lastEventId?: string | undefined
  /**
   * Told a position when everything up to it has been dealt with, that is, when the next event is
   * asked for. Who keeps it somewhere can go on from there after a restart.
   */
  readonly onPosition?: ((position: string) => void) | undefined
  /** Told when the connection is lost, why (a server that closes gives no reason), and for how long. */
  readonly onReconnect?: ((reason: Error | undefined, delayMs: number) => void) | undefined
  /** A connection is given up when nothing has come for so long; 45 seconds unless given. */
  readonly silenceMs?: number | undefined
  /** The wait before the first new connection, unless the server says another; a second. */
  readonly minDelayMs?: number | undefined
  /** The longest wait between connections; 30 seconds. */
  readonly maxDelayMs?: number | undefined
}

/** An event, and the position behind it. */
export interface FollowedEvent {
  /** What `lastEventId` takes to go on behind this event. */
  readonly id: string
  readonly event: RecordedEvent
}

/** An event as it is sent. */
interface FollowedMessage {
  readonly id: string
  readonly data: string
}

/** A connection as it is asked for. */
export interface Connecting {
  readonly position: string | undefined
  readonly from: FollowOptions['from']
  readonly signal: AbortSignal
}

const SILENCE_MS = 45_000
const MIN_DELAY_MS = 1_000
const MAX_DELAY_MS = 30_000

/** Reads a stream of Server-Sent Events over as many connections as it takes. */
export class EventFollower {
  readonly #connect: (connecting: Connecting) => Promise<Answer>
  readonly #options: FollowOptions
  readonly #signal: AbortSignal
  #position: string | undefined
  #failures = 0
  #firstDelayMs: number

  constructor(connect: (connecting: Connecting) => Promise<Answer>, options: FollowOptions) {
    this.#connect = connect
    this.#options = options
    this.#signal = options.signal ?? new AbortController().signal
    this.#position = options.lastEventId
    this.#firstDelayMs = options.minDelayMs ?? MIN_DELAY_MS
  }

  /**
   * Every message called `event`, once and in order, until the signal aborts.
   *
   * @throws TurnlogApiError when connecting again would not help
   */
  async *messages(): AsyncGenerator<FollowedMessage> {
    while (!this.#signal.aborted) {
      const reason = yield* this.#readConnection()
      if (!this.#isAborted()) await this.#waitToReconnect(reason)
    }
  }

  /** @returns why the connection is over, if it did not just end */
  async *#readConnection(): AsyncGenerator<FollowedMessage, Error | undefined> {
    const { silenceMs = SILENCE_MS, from } = this.#options
    const limit = new SilenceLimit(
      this.#signal,
      silenceMs,
      () => new TurnlogConnectionError(`nothing has come for ${silenceMs} ms`),
    )
    const waiting = <T>(coming: Promise<T>): Promise<T> => limit.during(coming)
    try {
      const position = this.#position
      const answer = await waiting(
        this.#connect({
          position,
          from: position === undefined ? from : undefined,
          signal: limit.signal,
        }),
      )
      yield* this.#readMessages(answer.pieces(waiting))
      return undefined
    } catch (error) {
      if (this.#isAborted()) return undefined
      if (!isTransient(error)) throw error
      return error
    } finally {
      limit.close()
    }
  }

  async *#readMessages(pieces: AsyncIterable<string>): AsyncGenerator<FollowedMessage> {
    const parser = new EventStreamParser()
    for await (const piece of pieces) {
      this.#failures = 0
      const blocks = parser.feed(piece)
      this.#firstDelayMs = parser.retryMs ?? this.#firstDelayMs
      for (const { event, data, id } of blocks) {
        if (event === 'event' && data !== undefined) yield { id: id ?? this.#position ?? '', data }
        if (id !== undefined) this.#reach(id)
        // More may have come with it.
        if (this.#isAborted()) return
      }
    }
  }

  #reach(position: string): void {
    // A server may begin with the position that it was asked to go on from.
    if (position === this.#position) return
    this.#position = position
    this.#options.onPosition?.(position)
  }

  async #waitToReconnect(reason: Error | undefined): Promise<void> {
    const bounds = { first: this.#firstDelayMs, longest: this.#options.maxDelayMs ?? MAX_DELAY_MS }
    const asked = reason instanceof TurnlogApiError ? (reason.retryAfterMs ?? 0) : 0
    const delayMs = Math.max(reconnectDelay(this.#failures, bounds, Math.random()), asked)
    this.#failures++
    this.#options.onReconnect?.(reason, delayMs)
    await pause(delayMs, this.#signal)
  }

  /** It may have happened meanwhile, which the compiler does not see. */
  #isAborted(): boolean {
    return this.#signal.aborted
  }
}

function isTransient(error: unknown): error is Error {
  return (
    error instanceof TurnlogConnectionError ||
    (error instanceof TurnlogApiError && error.isTransient)
  )
}

/** Waits, no longer than the signal lets it. */
function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, delayMs)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
