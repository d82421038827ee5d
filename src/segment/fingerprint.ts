import { crc32 } from 'node:zlib'
import { type ByteOffset, readFully } from './block-reader.js'

/** How many bytes before a checkpoint are looked at to see that a segment only grew. */
export const TAIL_BYTES = 4096
const CHUNK_BYTES = 1024 * 1024

/**
 * CRC-32 of the first `length` bytes: the content fingerprint a segment is
 * recognised by, whatever its name or inode.
 *
 * @returns undefined when the file is shorter than that
 * @throws the file system's error when a read fails
 */
export function prefixCrc(fd: number, length: ByteOffset): number | undefined {
  return crcBetween(fd, 0, length)
}

/**
 * CRC-32 of the last bytes before `checkpoint`: a cheap sign that everything
 * before it is as it was, for a segment that is only appended to.
 *
 * @returns undefined when the file is shorter than the checkpoint
 * @throws the file system's error when a read fails
 */
export function tailCrc(fd: number, checkpoint: ByteOffset): number | undefined {
  return crcBetween(fd, Math.max(0, checkpoint - TAIL_BYTES), checkpoint)
}

function crcBetween(fd: number, start: ByteOffset, end: ByteOffset): number | undefined {
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, end - start)))
  let crc = 0
  let position = start
  while (position < end) {
    const bytes = readFully(fd, buffer, position, end)
    if (bytes.length === 0) return undefined
    crc = crc32(bytes, crc)
    position += bytes.length
  }
  return crc
}
