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

/** Reads and decodes a request's blocks, one after the other. */
export function* prepareBlocks({
  fd,
  simulation,
  ...options
}: BlockRequest): Generator<PreparedBlock, void, void> {
  for (const block of readBlocks(fd, options)) yield prepareBlock(block, simulation)
}
