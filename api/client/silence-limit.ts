/** Calls off what a signal calls off, and what keeps silent for too long. */
export class SilenceLimit {
  readonly #controller = new AbortController()
  readonly #parent: AbortSignal
  readonly #limitMs: number
  readonly #silence: () => Error

  /** @param silence the reason for calling off what was silent for `limitMs` */
  constructor(parent: AbortSignal, limitMs: number, silence: () => Error) {
    this.#parent = parent
    this.#limitMs = limitMs
    this.#silence = silence
    if (parent.aborted) this.#abort()
    parent.addEventListener('abort', this.#abort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Waits; only the time in which somebody waits is silence. */
  async during<T>(coming: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#controller.abort(this.#silence())
    }, this.#limitMs)
    try {
      return await coming
    } finally {
      clearTimeout(timer)
    }
  }

  /** Lets go of the parent, which may live much longer. */
  close(): void {
    this.#parent.removeEventListener('abort', this.#abort)
  }

  readonly #abort = (): void => {
    this.#controller.abort(this.#parent.reason)
  }
}
