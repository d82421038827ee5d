import { readBlocks } from '../src/segment/block-reader.js'
import { prepareBlock, type PreparedBlock } from './prepare-block.js'

/** What is read: the lines of an open segment from one place up to another. */
export interface BlockRequest {
  readonly fd: number
  /** The name of the run. */
  readonly simulation: string
  /** The start of a line. Bytes. */
  readonly from: number
  /** CRC-32 of every byte before `from`. */
  readonly prefixCrc: number
  /** No line that ends behind it is read. Bytes. */
  readonly until: number
  /** How much one block holds. Bytes. */
  readonly blockBytes?: number
}

/** Of the bytes of a block, what the texts that are made of it mostly take. */
const HEADROOM = 0.25

/** Gives the bytes a block is read into, and room for what is made of it. */
export function allocateBlock(size: number): Buffer<ArrayBuffer> {
  return Buffer.allocUnsafeSlow(Math.ceil(size * (1 + HEADROOM)))
}

/**
 * Reads and decodes a request's blocks, one after the other.
 *
 * @param allocate gives the bytes that a block takes with it, so many at least
 */
export function* prepareBlocks(
  { fd, simulation, ...options }: BlockRequest,
  allocate = allocateBlock,
): Generator<PreparedBlock, void, void> {
  for (const block of readBlocks(fd, { ...options, allocate })) {
    yield prepareBlock(block, simulation)
  }
}
