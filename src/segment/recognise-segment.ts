import { closeSync } from 'node:fs'
import type { FoundSegment } from './discovery.js'
import { prefixCrc } from './fingerprint.js'
import { findLineStart } from './line-start.js'
import { isSameFile } from './run-files.js'
import { SeenSegment } from './seen-segment.js'
import { OpenSegment, readMark } from './segment-mark.js'

/** What a file may be known as. */
export interface KnownSegments {
  /** The segment that had its inode. */
  readonly same: SeenSegment | undefined
  /** All that were seen, gone ones as well. */
  readonly seen: readonly SeenSegment[]
  /** Opens one that is still there; to be closed. */
  readonly open: (segment: SeenSegment) => number | undefined
}

/**
 * How far a file was read. One that begins with what was read of a segment, be it its own or the
 * one it is a copy of, is read on from there; the one of which most is known counts.
 *
 * @throws the file system's error
 */
export function recogniseSegment(
  fd: number,
  file: FoundSegment,
  { same, seen, open }: KnownSegments,
): SeenSegment {
  const opened = new OpenSegment(fd)
  const segment = same?.goesOnIn(opened) === true ? same : SeenSegment.unread(file)
  segment.findEnd(fd)
  for (const other of seen) {
    if (other.known > segment.known && other.isCopiedIn(opened)) segment.goToEndOf(other)
  }
  const copied = findLineStart(fd, opened.size)
  if (copied <= segment.known) return segment
  const mark = readMark(fd, copied)
  const isBeginning = (other: SeenSegment): boolean =>
    !isSameFile(other, segment) && other.mayBeginWith(opened) && saysSame(fd, copied, other, open)
  if (mark !== undefined && seen.some(isBeginning)) segment.goToMark(mark)
  return segment
}

/**
 * Whether a file says, up to a place, what a segment says. A copy that is still being made does:
 * nothing of it is new, though the place it has come to is none that was ever noted.
 */
function saysSame(
  fd: number,
  end: number,
  other: SeenSegment,
  open: KnownSegments['open'],
): boolean {
  const otherFd = open(other)
  if (otherFd === undefined) return false
  try {
    const isAsRead = other.goesOnIn(new OpenSegment(otherFd))
    return isAsRead && prefixCrc(fd, end) === prefixCrc(otherFd, end)
  } finally {
    closeSync(otherFd)
  }
}
