import { DecoderThread } from './decoder-thread-host.js'
import type { PreparedBlock } from './prepare-block.js'
import { type BlockRequest, prepareBlocks } from './prepare-blocks.js'

/** From so many bytes in one pass on, a second thread earns the time it takes to start and to become fast. */
export const THREAD_FROM_BYTES = 32 * 1024 * 1024

/**
 * Gives the blocks of one pass. Little is read and decoded where it is asked
 * for, much on a thread of its own, while the caller writes what came before.
 */
export class BlockSource {
  readonly #threadFromBytes: number
  #bytes = 0
  #thread: DecoderThread | undefined

  /** @param threadFromBytes see {@link THREAD_FROM_BYTES} */
  constructor(threadFromBytes = THREAD_FROM_BYTES) {
    this.#threadFromBytes = threadFromBytes
  }

  /**
   * The file must stay open until the iteration has ended, be it early.
   *
   * @throws the file system's error when a read fails
   */
  blocks(request: BlockRequest): Iterable<PreparedBlock> | AsyncIterable<PreparedBlock> {
    this.#bytes += request.until - request.from
    if (this.#bytes < this.#threadFromBytes) return prepareBlocks(request)
    this.#thread ??= new DecoderThread()
    return this.#thread.blocks(request)
  }

  /** Ends the thread, if there is one. */
  async close(): Promise<void> {
    await this.#thread?.close()
    this.#thread = undefined
    this.#bytes = 0
  }
}
