import { isUtf8 } from 'node:buffer'
import { readSync } from 'node:fs'
import { crc32 } from 'node:zlib'

/** Bytes from the start of a segment. */
export type ByteOffset = number

/** A complete line: terminated, and given without its terminator. */
export interface Line {
  readonly offset: ByteOffset
  /** Bytes, without the newline. */
  readonly length: number
  /** Where its text stands in the bytes of its block. */
  readonly start: number
  /** Behind its last byte, without a carriage return. */
  readonly end: number
  /** Why its text does not stand there, or is none. */
  readonly problem: string | undefined
}

/** Neighbouring complete lines, and the state of the segment behind them. */
export interface LineBlock {
  /** What the lines say, one behind the other, each with its newline; nobody else uses them. */
  readonly bytes: Buffer<ArrayBuffer>
  /** So many of them; the others mean nothing. */
  readonly used: number
  readonly lines: readonly Line[]
  /** Where the first unread line starts. */
  readonly end: ByteOffset
  /** CRC-32 of every byte of the segment before `end`. */
  readonly prefixCrc: number
}

/** What a line says. */
export function lineText({ bytes }: Pick<LineBlock, 'bytes'>, { start, end }: Line): string {
  return bytes.toString('utf8', start, end)
}

/** How a segment is read. */
export interface BlockReaderOptions {
  /** Where to begin: the start of a line. */
  readonly from: ByteOffset
  /** CRC-32 of every byte before `from`. */
  readonly prefixCrc: number
  /** Where to stop: no line that ends behind it is given. */
  readonly until: ByteOffset
  /** How much is read at once, and so how much one block holds. Bytes. */
  readonly blockBytes?: number
  /** Gives the bytes a block is read into, so many of them at least. */
  readonly allocate?: (size: number) => Buffer<ArrayBuffer>
  /** A longer line is given as a problem and never held in memory. Bytes. */
  readonly maxLineBytes?: number
}

const DEFAULT_BLOCK_BYTES = 2 * 1024 * 1024

/** The longest line that is read as an event. Bytes. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024

/** How many lines one block holds at most: short lines need more memory than their bytes. */
export const MAX_BLOCK_LINES = 20_000

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const BYTE_ORDER_MARK = Buffer.from('\ufeff')

/**
 * Gives the complete lines of an open segment in order, block by block. Lines
 * end at `\n` alone; a `\r` before it and a byte order mark at the start of the
 * segment are dropped from the text. A torn tail is never given.
 *
 * @throws the file system's error when a read fails
 */
export function* readBlocks(
  fd: number,
  options: BlockReaderOptions,
): Generator<LineBlock, void, void> {
  const { until, blockBytes = DEFAULT_BLOCK_BYTES, maxLineBytes = MAX_LINE_BYTES } = options
  const { allocate = (size: number) => Buffer.allocUnsafeSlow(size) } = options
  let { from: start, prefixCrc } = options
  while (start < until) {
    const size = Math.max(1, Math.min(blockBytes, until - start))
    const bytes = allocate(size)
    const read = firstLines(readFully(fd, bytes.subarray(0, size), start, until))
    if (read.length === 0) {
      const place = { start, until, prefixCrc, maxLineBytes }
      const block = readLongLine(fd, { ...place, buffer: bytes, allocate })
      if (block === undefined) return
      yield block
      start = block.end
      prefixCrc = block.prefixCrc
      continue
    }
    prefixCrc = crc32(read, prefixCrc)
    const lines = findLines(read, start, maxLineBytes)
    start += read.length
    yield { bytes, used: read.length, lines, end: start, prefixCrc }
  }
}

/** A line that does not fit a block: read whole where it is within bounds, else passed over. */
function readLongLine(
  fd: number,
  at: {
    readonly start: ByteOffset
    readonly until: ByteOffset
    readonly prefixCrc: number
    readonly maxLineBytes: number
    readonly buffer: Buffer<ArrayBuffer>
    readonly allocate: (size: number) => Buffer<ArrayBuffer>
  },
): LineBlock | undefined {
  const { start, until, maxLineBytes, buffer, allocate } = at
  let { prefixCrc } = at
  let position = start
  for (;;) {
    const bytes = readFully(fd, buffer, position, until)
    if (bytes.length === 0) return undefined
    const newline = bytes.indexOf(NEWLINE)
    const part = newline === -1 ? bytes : bytes.subarray(0, newline + 1)
    prefixCrc = crc32(part, prefixCrc)
    position += part.length
    if (newline !== -1) break
  }
  const length = position - 1 - start
  if (length > maxLineBytes) {
    const line = { offset: start, length, start: 0, end: 0, problem: tooLong(maxLineBytes) }
    return { bytes: buffer, used: 0, lines: [line], end: position, prefixCrc }
  }
  const whole = readFully(fd, allocate(length + 1), start, position)
  // Somebody cut or rewrote the segment since its length was found: there is no line to give.
  if (whole[length] !== NEWLINE) return undefined
  const lines = findLines(whole, start, maxLineBytes)
  return { bytes: whole, used: whole.length, lines, end: position, prefixCrc }
}

/** Fills the buffer from `position`, but not beyond `until` or the end of the file. */
export function readFully(
  fd: number,
  buffer: Buffer<ArrayBuffer>,
  position: number,
  until: number,
): Buffer<ArrayBuffer> {
  const wanted = Math.min(buffer.length, until - position)
  let filled = 0
  while (filled < wanted) {
    const bytesRead = readSync(fd, buffer, filled, wanted - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/** As many complete lines as one block may hold. */
function firstLines(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  const last = bytes.lastIndexOf(NEWLINE) + 1
  let end = 0
  for (let count = 0; count < MAX_BLOCK_LINES && end < last; count++) {
    end = bytes.indexOf(NEWLINE, end) + 1
  }
  return bytes.subarray(0, end)
}

/** @param bytes complete lines, the last newline included */
function findLines(bytes: Buffer, start: ByteOffset, maxLineBytes: number): Line[] {
  const isText = isUtf8(bytes)
  const lines: Line[] = []
  let at = start === 0 && startsWithMark(bytes) ? BYTE_ORDER_MARK.length : 0
  for (let lineStart = 0; lineStart < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, lineStart)
    const end = newline > at && bytes[newline - 1] === CARRIAGE_RETURN ? newline - 1 : newline
    const length = newline - lineStart
    let problem: string | undefined
    if (length > maxLineBytes) problem = tooLong(maxLineBytes)
    else if (!isText && !isUtf8(bytes.subarray(lineStart, newline))) problem = 'not valid UTF-8'
    lines.push({ offset: start + lineStart, length, start: at, end, problem })
    lineStart = newline + 1
    at = lineStart
  }
  return lines
}

function startsWithMark(bytes: Buffer): boolean {
  return BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length))
}

function tooLong(maxLineBytes: number): string {
  return `longer than ${maxLineBytes} bytes`
}
