import { closeSync } from 'node:fs'
import { prefixCrc } from './fingerprint.js'
import { findLineStart } from './line-start.js'
import { isSameFile } from './run-files.js'
import { type NamedFile, SeenSegment } from './seen-segment.js'
import { OpenSegment, readMark } from './segment-mark.js'

/** What a file may be known as. */
export interface KnownSegments {
  /** The segment that had its inode. */
  readonly same: SeenSegment | undefined
  /** Whether lines were read of the one that had its name. */
  readonly hadName: boolean
  /** All that were seen, gone ones as well. */
  readonly seen: readonly SeenSegment[]
  /** Opens one that is still there; to be closed. */
  readonly open: (segment: SeenSegment) => number | undefined
}

/** How far a file was read. */
export interface Recognised {
  readonly segment: SeenSegment
  /** How large it was. Bytes. */
  readonly size: number
  /** Whether it may be a copy that is still being made: what is new in it is not known yet. */
  readonly isAwaited: boolean
}

/**
 * How far a file was read. One that begins with what was read of a segment, be it its own or the
 * one it is a copy of, is read on from there; the one of which most is known counts. One that may
 * still become that is waited for, for a while.
 *
 * @throws the file system's error
 */
export function recogniseSegment(
  fd: number,
  file: NamedFile,
  { same, hadName, seen, open }: KnownSegments,
): Recognised {
  const opened = new OpenSegment(fd)
  const { size } = opened
  const segment = same?.goesOnIn(opened) === true ? same : SeenSegment.unread(file, hadName)
  segment.findEnd(fd)
  for (const other of seen) {
    if (other.known > segment.known && other.isCopiedIn(opened)) segment.goToEndOf(other)
  }
  const copied = findLineStart(fd, size)
  const mark = copied > segment.known ? readMark(fd, copied) : undefined
  if (mark === undefined) return { segment, size, isAwaited: false }
  const compared = seen
    .filter((other) => other.mayBeginWith(opened))
    .map((other) => (isSameFile(other, segment) ? undefined : saysSame(fd, copied, other, open)))
  if (compared.includes(true)) segment.goToMark(mark)
  const mayBeCopy = segment.isCopyOnly && compared.includes(undefined)
  return { segment, size, isAwaited: mayBeCopy && segment.waitFor(opened) }
}

/**
 * Whether a file says, up to a place, what a segment says. A copy that is still being made does:
 * nothing of it is new, though the place it has come to is none that was ever noted.
 *
 * @returns undefined where the segment does not stand there any more
 */
function saysSame(
  fd: number,
  end: number,
  other: SeenSegment,
  open: KnownSegments['open'],
): boolean | undefined {
  const otherFd = open(other)
  if (otherFd === undefined) return undefined
  try {
    if (!other.goesOnIn(new OpenSegment(otherFd))) return undefined
    return prefixCrc(fd, end) === prefixCrc(otherFd, end)
  } finally {
    closeSync(otherFd)
  }
}
