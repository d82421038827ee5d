import { Worker } from 'node:worker_threads'
import type { PreparedBlock } from './prepare-block.js'
import type { BlockRequest } from './prepare-blocks.js'

/** What the thread is told: what to read, that a block was written and where it stood, or to read no further. */
export type DecoderOrder =
  | { readonly kind: 'read'; readonly request: BlockRequest; readonly room: number }
  | { readonly kind: 'room'; readonly bytes: ArrayBuffer }
  | { readonly kind: 'stop' }

/** What the thread tells: a block, or that there will be no more, and why when it failed. */
export type DecoderMessage =
  | { readonly kind: 'block'; readonly block: PreparedBlock }
  | { readonly kind: 'end'; readonly failure?: DecoderFailure }

/** An error on its way between threads, where it would lose what the system said of it. */
export interface DecoderFailure {
  readonly message: string
  readonly code?: string
  readonly syscall?: string
}

/** How many blocks may be decoded and not written yet: memory is bounded by them. */
const BLOCKS_AHEAD = 3

/** What threads that ingest leave behind is short-lived and much: it is collected before it piles up. MiB. */
export const YOUNG_GENERATION_MB = 12

/** A thread that reads and decodes segments, as the one that writes the sidecar sees it. */
export class DecoderThread {
  readonly #worker = new Worker(new URL('./decoder-thread.js', import.meta.url), {
    // The host's loaders and debuggers are not this thread's.
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  })
  readonly #messages: DecoderMessage[] = []
  #wake: (() => void) | undefined
  #death: Error | undefined

  constructor() {
    this.#worker.on('message', (message: DecoderMessage) => {
      this.#messages.push(message)
      this.#wake?.()
    })
    this.#worker.on('error', (error) => {
      this.#die(error)
    })
    this.#worker.on('exit', () => {
      this.#die()
    })
  }

  #die(cause?: unknown): void {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    this.#death ??= new Error(`the thread that decodes segments ended too early${why}`, { cause })
    this.#wake?.()
  }

  /**
   * Gives the blocks of one request; to be ended before the next one is begun.
   * A block is no more to be used once the next one is asked for.
   *
   * @throws the file system's error when a read fails, or an error that says so
   *   when the thread is gone
   */
  async *blocks(request: BlockRequest): AsyncGenerator<PreparedBlock, void, void> {
    this.#tell({ kind: 'read', request, room: BLOCKS_AHEAD })
    let hasEnded = false
    try {
      for (;;) {
        const message = await this.#next()
        if (message.kind === 'end') {
          hasEnded = true
          if (message.failure === undefined) return
          const { message: text, ...system } = message.failure
          throw Object.assign(new Error(text), system)
        }
        yield message.block
        const { buffer } = message.block.events.bytes
        this.#worker.postMessage({ kind: 'room', bytes: buffer } satisfies DecoderOrder, [buffer])
      }
    } finally {
      if (!hasEnded && this.#death === undefined) await this.#stop()
    }
  }

  /** Ends the thread, whatever it is doing. */
  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  /** The file may be closed only once the thread does not read it any more. */
  async #stop(): Promise<void> {
    this.#tell({ kind: 'stop' })
    while ((await this.#next()).kind !== 'end');
  }

  #tell(order: DecoderOrder): void {
    this.#worker.postMessage(order)
  }

  async #next(): Promise<DecoderMessage> {
    for (;;) {
      const message = this.#messages.shift()
      if (message !== undefined) return message
      if (this.#death !== undefined) throw this.#death
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
