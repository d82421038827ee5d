import { fstatSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { type ByteOffset, type LineBlock, readFully } from './block-reader.js'
import { TAIL_BYTES, tailCrc } from './fingerprint.js'

/** What a file is known by: how it begins, and what stands right before a place. */
export interface SegmentMark {
  readonly end: ByteOffset
  readonly head: Buffer
  readonly tailCrc: number
}

/** How much of the beginning tells most files apart. Bytes. */
const HEAD_BYTES = 1024

/**
 * By what stands before a place now.
 *
 * @returns undefined when the file is shorter
 * @throws the file system's error
 */
export function readMark(fd: number, end: ByteOffset): SegmentMark | undefined {
  const head = readHead(fd, end)
  const crc = tailCrc(fd, end)
  return crc === undefined ? undefined : { end, head, tailCrc: crc }
}

/**
 * By a block that was read, and what stands before it now.
 *
 * @returns undefined when the file does not say any more what was read
 * @throws the file system's error
 */
export function markBlock(
  fd: number,
  { bytes, used, end }: Pick<LineBlock, 'bytes' | 'used' | 'end'>,
): SegmentMark | undefined {
  const head = readHead(fd, end)
  const tail = readBetween(fd, Math.max(0, end - TAIL_BYTES), end)
  const common = Math.min(tail.length, used)
  const read = bytes.subarray(used - common, used)
  const isAsRead =
    tail.length === Math.min(end, TAIL_BYTES) && read.equals(tail.subarray(tail.length - common))
  return isAsRead ? { end, head, tailCrc: crc32(tail) } : undefined
}

/** A file that may have been seen: however many it is held against, it is read little. */
export class OpenSegment {
  readonly fd: number
  /** Bytes. */
  readonly size: number
  #head: Buffer | undefined

  /** @throws the file system's error */
  constructor(fd: number) {
    this.fd = fd
    this.size = fstatSync(fd).size
  }

  /** Whether it says what was read. @throws the file system's error */
  goesOnBehind({ end, head, tailCrc: crc }: SegmentMark): boolean {
    return this.size >= end && this.#beginsLike(head) && tailCrc(this.fd, end) === crc
  }

  /** Whether it may say what was read once it is longer: it is shorter, and begins like that. */
  mayGrowTo({ end, head }: SegmentMark): boolean {
    return this.size < end && this.#beginsLike(head)
  }

  /** Compares as much as there is of both. */
  #beginsLike(head: Buffer): boolean {
    this.#head ??= readHead(this.fd, this.size)
    const length = Math.min(head.length, this.#head.length)
    return head.subarray(0, length).equals(this.#head.subarray(0, length))
  }
}

function readHead(fd: number, end: ByteOffset): Buffer {
  return readBetween(fd, 0, Math.min(end, HEAD_BYTES))
}

function readBetween(fd: number, start: ByteOffset, end: ByteOffset): Buffer {
  return readFully(fd, Buffer.alloc(end - start), start, end)
}
