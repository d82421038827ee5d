import { Worker } from 'node:worker_threads'
import type { ThreadData, ThreadMessage } from './drain-loop.js'
import { CONTROL, QueueProducer, THREAD_STATES, TOTALS } from './shared-queue.js'

const START_LIMIT_MS = 10_000

/** The writing thread as the emitting one sees it. */
export class WriterThread {
  readonly queue: QueueProducer
  readonly #totals: Float64Array
  readonly #worker: Worker
  #waiting: { readonly done: () => boolean; readonly resolve: () => void }[] = []

  /** Starts the thread and blocks until it has the active segment open, or failed to. */
  constructor(data: ThreadData, onMessage: (message: ThreadMessage) => void) {
    this.queue = new QueueProducer(data.memory)
    this.#totals = new Float64Array(data.memory.totals)
    this.#worker = new Worker(new URL('./writer-thread.js', import.meta.url), {
      workerData: data,
      // The host's loaders and debuggers are not the writing thread's.
      execArgv: [],
    })
    this.#worker.on('message', (message: ThreadMessage) => {
      onMessage(message)
      this.#settle()
    })
    this.#worker.on('error', (error) => {
      onMessage({ kind: 'write-failed', message: `the writing thread died: ${error.message}` })
    })
    this.#worker.on('exit', () => {
      this.#setState(THREAD_STATES.stopped)
      this.#settle()
    })
    // After the listeners, which would hold the process open again.
    this.#worker.unref()
    Atomics.wait(this.queue.control, CONTROL.state, THREAD_STATES.starting, START_LIMIT_MS)
  }

  get state(): number {
    return Atomics.load(this.queue.control, CONTROL.state)
  }

  get isOver(): boolean {
    return this.state !== THREAD_STATES.running
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

  /** Asks the thread to end once the queue is empty. */
  askStop(): void {
    Atomics.store(this.queue.control, CONTROL.stop, 1)
    this.queue.wake()
  }

  /** Resolves when `done`, looked at whenever the thread tells something, or when it has ended. */
  async until(done: () => boolean): Promise<void> {
    if (done() || this.isOver) return
    this.#worker.ref()
    await new Promise<void>((resolve) => {
      this.#waiting.push({ done, resolve })
    })
  }

  /** Blocks until `done` or the thread has ended, but not longer than `limitMs`. */
  blockUntil(done: () => boolean, limitMs: number): void {
    const deadline = performance.now() + limitMs
    while (!done() && !this.isOver && performance.now() < deadline) {
      // Nothing tells when; a short wait costs nothing at the end of a process.
      Atomics.wait(this.queue.control, CONTROL.state, THREAD_STATES.running, 1)
    }
  }

  /** Ends the thread where it stands. */
  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  #setState(state: number): void {
    Atomics.store(this.queue.control, CONTROL.state, state)
  }

  #settle(): void {
    const over = this.isOver
    this.#waiting = this.#waiting.filter(({ done, resolve }) => {
      if (!over && !done()) return true
      resolve()
      return false
    })
    if (this.#waiting.length === 0) this.#worker.unref()
  }
}
