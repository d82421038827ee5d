import { readFully, type ByteOffset } from './block-reader.js'

const NEWLINE = 0x0a
/** How much is looked at on the way back. Bytes. */
const CHUNK_BYTES = 64 * 1024

/**
 * Where the line begins that a byte of a segment is part of: behind the last newline before it.
 * However long the line is, little of it is held.
 *
 * @throws the file system's error when a read fails
 */
export function findLineStart(fd: number, at: ByteOffset): ByteOffset {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (let end = at; end > 0;) {
    const start = Math.max(0, end - CHUNK_BYTES)
    const newline = readFully(fd, buffer, start, end).lastIndexOf(NEWLINE)
    if (newline !== -1) return start + newline + 1
    end = start
  }
  return 0
}
