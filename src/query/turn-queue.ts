import { TurnlogError } from '../errors.js'

/** Who waits for a turn. */
export interface TurnRequest {
  /** Whether everybody who has not said so comes first. */
  readonly isPatient?: boolean
  /** How long it may wait, in milliseconds; as long as it takes unless told otherwise. */
  readonly limitMs?: number
  /** Aborts when it no longer waits. */
  readonly signal?: AbortSignal | undefined
}

type WaitEnd = 'turn' | 'timeout' | 'abort'

/** Lets a few do something at once. Others wait, and have their turn in the order in which they came. */
export class TurnQueue {
  readonly #mostAtOnce: number
  readonly #mostWaiting: number
  #running = 0
  readonly #waiting = new Set<() => void>()
  readonly #patient = new Set<() => void>()

  /** @param mostWaiting without those who are patient: they are not refused */
  constructor(mostAtOnce: number, mostWaiting: number) {
    this.#mostAtOnce = mostAtOnce
    this.#mostWaiting = mostWaiting
  }

  /** How many wait. */
  get length(): number {
    return this.#waiting.size + this.#patient.size
  }

  /**
   * Waits for a turn, which lasts until {@link pass} is called.
   *
   * @throws TurnlogError SERVER_BUSY when it waits longer than its limit, or too many others wait
   * @throws the signal's reason when it aborts
   */
  async take(request: TurnRequest): Promise<void> {
    request.signal?.throwIfAborted()
    if (this.#running < this.#mostAtOnce) {
      this.#running++
      return
    }
    if (request.isPatient !== true && this.#waiting.size >= this.#mostWaiting) throw serverBusy()
    const { limitMs = Infinity } = request
    const endsAt = performance.now() + limitMs
    const end = await this.#wait(request)
    if (end === 'timeout') throw serverBusy()
    // A busy process has its timers late.
    if (end === 'turn' && performance.now() >= endsAt) {
      this.pass()
      throw serverBusy()
    }
    if (end === 'abort') request.signal?.throwIfAborted()
  }

  /** Ends a turn. Who waits has it at once: nobody who comes meanwhile can take it. */
  pass(): void {
    const [next] = this.#waiting.size > 0 ? this.#waiting : this.#patient
    if (next === undefined) this.#running--
    else next()
  }

  #wait({ isPatient = false, limitMs, signal }: TurnRequest): Promise<WaitEnd> {
    const queue = isPatient ? this.#patient : this.#waiting
    return new Promise((resolve) => {
      const leave = (end: WaitEnd): void => {
        queue.delete(begin)
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
        resolve(end)
      }
      const begin = (): void => {
        leave('turn')
      }
      const abort = (): void => {
        leave('abort')
      }
      const timer =
        limitMs === undefined
          ? undefined
          : setTimeout(() => {
              leave('timeout')
            }, limitMs)
      queue.add(begin)
      signal?.addEventListener('abort', abort)
    })
  }
}

function serverBusy(): TurnlogError {
  return new TurnlogError('SERVER_BUSY', {
    message: 'too many long questions are under way',
    hint: 'ask again in a moment',
  })
}
