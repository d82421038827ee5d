import { Worker } from 'node:worker_threads'
import type { ThreadData, ThreadMessage } from './drain-loop.js'
import { CONTROL, QueueProducer, STOP_REQUESTS, THREAD_STATES, TOTALS } from './shared-queue.js'

const START_LIMIT_MS = 10_000
/** The longest a timer waits. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** What the thread tells, and that it ended with an error of its own. */
export type HostMessage = ThreadMessage | { readonly kind: 'died'; readonly message: string }

/** The writing thread as the emitting one sees it. */
export class WriterThread {
  readonly queue: QueueProducer
  readonly #totals: Float64Array
  readonly #worker: Worker
  readonly #waiting = new Set<() => void>()
  #hasEnded = false
  #isGivenUp = false

  /**
   * Starts the thread and blocks until it has the active segment open, or failed to.
   *
   * @throws what `Worker` throws
   */
  constructor(data: ThreadData, onMessage: (message: HostMessage) => void) {
    this.queue = new QueueProducer(data.memory)
    this.#totals = new Float64Array(data.memory.totals)
    this.#worker = new Worker(new URL('./writer-thread.js', import.meta.url), {
      workerData: data,
      // The host's loaders and debuggers are not the writing thread's.
      execArgv: [],
    })
    this.#worker.on('message', (message: ThreadMessage) => {
      onMessage(message)
      this.#lookUp()
    })
    this.#worker.on('error', (error) => {
      onMessage({ kind: 'died', message: error.message })
    })
    this.#worker.on('exit', () => {
      this.#hasEnded = true
      Atomics.store(this.queue.control, CONTROL.state, THREAD_STATES.stopped)
      this.#lookUp()
    })
    // After the listeners, which would hold the process open again.
    this.#worker.unref()
    Atomics.wait(this.queue.control, CONTROL.state, THREAD_STATES.starting, START_LIMIT_MS)
  }

  get state(): number {
    return Atomics.load(this.queue.control, CONTROL.state)
  }

  /** Whether the thread writes no more. */
  get isOver(): boolean {
    return this.state !== THREAD_STATES.running
  }

  /** Whether the thread is gone, and with it its hold on the files. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Totals kept by the thread. */
  total(slot: keyof typeof TOTALS): number {
    return this.#totals[TOTALS[slot]] ?? 0
  }

  /** A word of the control block; see `CONTROL`. */
  word(name: keyof typeof CONTROL): number {
    return Atomics.load(this.queue.control, CONTROL[name])
  }

  /** Asks for everything queued to be written. @returns the number of the request */
  askFlush(): number {
    const asked = Atomics.add(this.queue.control, CONTROL.flushAsked, 1) + 1
    this.queue.wake()
    return asked
  }

  /** Whether a flush asked for was done. */
  isFlushed(request: number): boolean {
    return ((this.word('flushDone') - request) | 0) >= 0
  }

  /** Asks the thread to end: once the queue is empty, or after the write at hand. */
  askStop(when: 'whenEmpty' | 'now'): void {
    Atomics.store(this.queue.control, CONTROL.stop, STOP_REQUESTS[when])
    this.queue.wake()
  }

  /**
   * Resolves when `done`, looked at whenever the thread tells something, when
   * the thread is gone or given up, or after `limitMs`. Holds the process open meanwhile.
   */
  async until(done: () => boolean, limitMs = Infinity): Promise<void> {
    if (done() || this.#isHopeless) return
    this.#worker.ref()
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        if (this.#waiting.size === 0) this.#worker.unref()
        resolve()
      }
      const look = (): void => {
        if (done() || this.#isHopeless) end()
      }
      const timer = setTimeout(end, Math.min(limitMs, MAX_TIMER_MS))
      this.#waiting.add(look)
    })
  }

  /** Ends all waiting for a thread that may never end, as it is stuck in a write. */
  giveUp(): void {
    this.#isGivenUp = true
    this.#lookUp()
  }

  /** Runs `then` when the thread is gone, without holding the process open for it. */
  whenEnded(then: () => void): void {
    if (this.#hasEnded) then()
    else this.#worker.once('exit', then)
  }

  /** Blocks until `done` or the thread has ended, but not longer than `limitMs`. */
  blockUntil(done: () => boolean, limitMs: number): void {
    const deadline = performance.now() + limitMs
    while (!done() && !this.isOver && performance.now() < deadline) {
      // Nothing tells when; a short wait costs nothing at the end of a process.
      Atomics.wait(this.queue.control, CONTROL.state, THREAD_STATES.running, 1)
    }
  }

  get #isHopeless(): boolean {
    return this.#hasEnded || this.#isGivenUp
  }

  #lookUp(): void {
    for (const look of [...this.#waiting]) look()
  }
}
