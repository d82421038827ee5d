import { closeSync, fstatSync, openSync } from 'node:fs'
import { systemErrorCode } from '../src/errors.js'
import type { FoundSegment } from '../src/segment/discovery.js'

/** The file at a segment's path is no longer the one that was listed: it was rotated or replaced. */
export class StaleListingError extends Error {}

/**
 * Opens a listed segment for as long as `use` runs.
 *
 * @throws StaleListingError when the path now leads to another file or to none;
 *   the file system's error when it cannot be read
 */
export function withSegment<T>(segment: FoundSegment, use: (fd: number) => T): T {
  const fd = openListed(segment)
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

function openListed(segment: FoundSegment): number {
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
