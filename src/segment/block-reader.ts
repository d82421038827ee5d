import { isAscii, isUtf8 } from 'node:buffer'
import { readSync } from 'node:fs'
import { crc32 } from 'node:zlib'

/** Bytes from the start of a segment. */
export type ByteOffset = number

/** A complete line: terminated, and given without its terminator. */
export interface Line {
  readonly offset: ByteOffset
  /** Bytes, without the newline. */
  readonly length: number
  /** Where it stands in the text of its block, or why it does not. */
  readonly content: TextSpan | { readonly problem: string }
}

/** A part of a text. */
export interface TextSpan {
  readonly start: number
  /** Behind its last character. */
  readonly end: number
}

/** Neighbouring complete lines, and the state of the segment behind them. */
export interface LineBlock {
  /** What the lines say, one behind the other. */
  readonly text: string
  readonly lines: readonly Line[]
  /** Where the first unread line starts. */
  readonly end: ByteOffset
  /** CRC-32 of every byte of the segment before `end`. */
  readonly prefixCrc: number
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
  /** A longer line is given as a problem and never held in memory. Bytes. */
  readonly maxLineBytes?: number
}

const DEFAULT_BLOCK_BYTES = 2 * 1024 * 1024

/** The longest line that is read as an event. Bytes. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024

/** How many lines one block holds at most: short lines need more memory than their bytes. */
const MAX_BLOCK_LINES = 20_000

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const BYTE_ORDER_MARK = '\ufeff'

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
  let { from: start, prefixCrc } = options
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(blockBytes, until - start)))
  while (start < until) {
    const bytes = readFully(fd, buffer, start, until)
    const lastNewline = bytes.lastIndexOf(NEWLINE)
    if (lastNewline !== -1) {
      let rest = bytes.subarray(0, lastNewline + 1)
      while (rest.length > 0) {
        const bytes = firstLines(rest)
        prefixCrc = crc32(bytes, prefixCrc)
        const block = readLines(bytes, start, maxLineBytes)
        start += bytes.length
        yield { ...block, end: start, prefixCrc }
        rest = rest.subarray(bytes.length)
      }
      continue
    }
    const block = readLongLine(fd, { start, until, prefixCrc, maxLineBytes, buffer })
    if (block === undefined) return
    yield block
    start = block.end
    prefixCrc = block.prefixCrc
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
    readonly buffer: Buffer
  },
): LineBlock | undefined {
  const { start, until, maxLineBytes, buffer } = at
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
    const line = { offset: start, length, content: tooLong(maxLineBytes) }
    return { text: '', lines: [line], end: position, prefixCrc }
  }
  const whole = readFully(fd, Buffer.allocUnsafe(length + 1), start, position)
  // Somebody cut or rewrote the segment since its length was found: there is no line to give.
  if (whole[length] !== NEWLINE) return undefined
  return { ...readLines(whole, start, maxLineBytes), end: position, prefixCrc }
}

/** Fills the buffer from `position`, but not beyond `until` or the end of the file. */
export function readFully(fd: number, buffer: Buffer, position: number, until: number): Buffer {
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
function firstLines(bytes: Buffer): Buffer {
  let end = 0
  for (let count = 0; count < MAX_BLOCK_LINES && end < bytes.length; count++) {
    end = bytes.indexOf(NEWLINE, end) + 1
  }
  return bytes.subarray(0, end)
}

/** @param bytes complete lines, the last newline included */
function readLines(
  bytes: Buffer,
  start: ByteOffset,
  maxLineBytes: number,
): Pick<LineBlock, 'text' | 'lines'> {
  const isPlain = isAscii(bytes)
  const isText = isPlain || isUtf8(bytes)
  // Whatever is no UTF-8 reads as something, but never as a newline or instead of one.
  const text = bytes.toString(isPlain ? 'latin1' : 'utf8')
  const lines: Line[] = []
  let at = 0
  let textAt = start === 0 && text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0
  while (at < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, at)
    const textNewline = isPlain ? newline : text.indexOf('\n', textAt)
    const hasReturn = textNewline > textAt && text.charCodeAt(textNewline - 1) === CARRIAGE_RETURN
    const length = newline - at
    const content =
      length > maxLineBytes
        ? tooLong(maxLineBytes)
        : isText || isUtf8(bytes.subarray(at, newline))
          ? { start: textAt, end: hasReturn ? textNewline - 1 : textNewline }
          : NOT_UTF8
    lines.push({ offset: start + at, length, content })
    at = newline + 1
    textAt = textNewline + 1
  }
  return { text, lines }
}

const NOT_UTF8 = { problem: 'not valid UTF-8' }

function tooLong(maxLineBytes: number): { readonly problem: string } {
  return { problem: `longer than ${maxLineBytes} bytes` }
}
