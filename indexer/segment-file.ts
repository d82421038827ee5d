import { closeSync, fstatSync, openSync } from 'node:fs'
import { systemErrorCode } from '../src/errors.js'
import { type FoundSegment, StaleListingError } from '../src/segment/discovery.js'

/**
 * Opens a listed segment for as long as `use` runs.
 *
 * @throws StaleListingError when the path now leads to another file or to none:
 *   it was rotated or replaced; the file system's error when it cannot be read
 */
export function withSegment<T>(segment: FoundSegment, use: (fd: number) => T): T {
  const fd = openListed(segment)
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

/**
 * Opens a listed segment; to be closed by whoever opened it.
 *
 * @throws what {@link withSegment} throws
 */
export function openListed(segment: FoundSegment): number {
  let fd: number
  try {
    fd = openSync(segment.path, 'r')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') throw new StaleListingError(segment.path)
    throw error
  }
  const { dev, ino } = fstatSync(fd)
  if (dev === segment.device && ino === segment.inode) return fd
  closeSync(fd)
  throw new StaleListingError(segment.path)
}

/** In words, why a run could not be read; what has to do with no file is thrown on. */
export function whyNotRead(error: unknown): string {
  if (error instanceof StaleListingError) return 'changed again and again while it was read'
  const code = systemErrorCode(error)
  if (code === undefined) throw error
  return `cannot be read (${code})`
}
