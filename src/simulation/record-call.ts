import { setTimeout } from 'node:timers/promises'
import { createSystemEvent, type SystemOptions } from '../event/builders.js'
import type { EventId } from '../event/event-id.js'
import type { SystemEvent } from '../event/event-schema.js'
import { describeError, shorten } from './describe-error.js'
import { countTokens, findTokenUsage, type TokenUsage } from './token-usage.js'

type Fields = Readonly<Record<string, unknown>>

/** How a recorded call is made. */
export interface CallOptions<R> {
  /** How often it is tried again after a failure. Default 0. */
  readonly retries?: number
  /** Milliseconds before each retry, or how many before the first, second … Default 0. */
  readonly delayMs?: number | ((retry: number) => number)
  /** Whether a failure is worth a retry. Default always. */
  readonly shouldRetry?: (error: unknown) => boolean
  /** The tokens it took. By default found in what the usual model APIs answer. */
  readonly usage?: (result: R) => TokenUsage | undefined
  /** Keys of your own for `details`, such as the model. */
  readonly details?: Fields
}

/**
 * Makes a call and records how it went: SYSTEM `success`, or `failure` once the
 * last attempt failed, and `retry` for each failure before it. `details` has the
 * `call`, its `duration_ms` (of the attempt), `retry_count`, and `input_tokens`
 * and `output_tokens` where they are known; each attempt is caused by the one
 * before it.
 *
 * @param call is given the attempt, from 1
 * @returns what the call gives
 * @throws what the last attempt throws
 */
export type RecordCall = <R>(
  name: string,
  call: (attempt: number) => R | Promise<R>,
  options?: CallOptions<R>,
) => Promise<R>

/** Where calls are recorded. */
export interface CallRecording {
  readonly emit: (event: SystemEvent) => unknown
  readonly simulationId: string
  readonly turnNumber: number
  /** What the first attempt is caused by. */
  readonly causedBy?: readonly EventId[] | undefined
  /** Keys for the `details` of every call. */
  readonly details?: Fields | undefined
  /** Ends the retries. */
  readonly signal?: AbortSignal | undefined
}

type Outcome<R> = { readonly result: R } | { readonly error: unknown }

/** What follows a failure: another attempt after a while, or, without `delay`, none. */
interface RetryPlan {
  readonly delay?: number
  /** Keys for `details`. */
  readonly details?: Fields
}

/** Makes a {@link RecordCall} for a place in a simulation. */
export function createRecordCall({ emit, signal, ...place }: CallRecording): RecordCall {
  return async (name, call, options = {}) => {
    let { causedBy } = place
    const record = (attempt: Omit<SystemOptions, keyof CallRecording>, details: Fields): void => {
      const own = { ...place.details, call: name, ...details }
      const event = emitWith(options.details, own, (all) => {
        const made = createSystemEvent({ ...place, ...attempt, causedBy, details: all })
        emit(made)
        return made
      })
      causedBy = [event.event_id]
    }
    for (let attempt = 1; ; attempt++) {
      const startedAt = performance.now()
      const outcome = await attemptOnce(call, attempt)
      const duration = { duration_ms: Math.round((performance.now() - startedAt) * 1000) / 1000 }
      if ('result' in outcome) {
        const tokens = countTokens(outcome.result, options.usage ?? findTokenUsage)
        record({ status: 'success', retryCount: attempt - 1 }, { ...duration, ...tokens })
        return outcome.result
      }
      const { error } = outcome
      const { type: errorType, message } = describeError(error)
      const { delay, details } = planRetry(error, attempt, options, signal)
      const status = delay === undefined ? 'failure' : 'retry'
      const retryCount = delay === undefined ? attempt - 1 : attempt
      const description = shorten(`${name} failed: ${message}`)
      const told = { ...duration, error_message: message, ...details }
      record({ status, retryCount, errorType, description }, told)
      if (delay === undefined) throw error
      if (delay > 0) await sleep(delay, signal)
    }
  }
}

/**
 * Emits an event with the author's own details, or where those cannot be
 * recorded, with the reason instead: how the call went is not to be lost to them.
 */
function emitWith(
  own: Fields | undefined,
  details: Fields,
  emit: (details: Fields) => SystemEvent,
): SystemEvent {
  if (own === undefined) return emit(details)
  try {
    return emit({ ...own, ...details })
  } catch (error) {
    return emit({ ...details, details_error: describeError(error).message })
  }
}

/** A failure is told as it is, also when the question whether to try again fails. */
function planRetry(
  error: unknown,
  attempt: number,
  { retries = 0, delayMs = 0, shouldRetry = () => true }: CallOptions<never>,
  signal: AbortSignal | undefined,
): RetryPlan {
  if (!(attempt <= retries) || signal?.aborted === true) return {}
  try {
    if (!shouldRetry(error)) return {}
    return { delay: typeof delayMs === 'number' ? delayMs : delayMs(attempt) }
  } catch (planError) {
    return { details: { retry_error: describeError(planError).message } }
  }
}

/** Waits, but not beyond the end of the run: then the next attempt is the last. */
async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal })
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}

async function attemptOnce<R>(
  call: (attempt: number) => R | Promise<R>,
  attempt: number,
): Promise<Outcome<R>> {
  try {
    return { result: await call(attempt) }
  } catch (error) {
    return { error }
  }
}
