import type { FoundSegment } from '../src/segment/discovery.js'
import { compareSegmentNames } from '../src/segment/segment-name.js'

/** A segment as the sidecar knows it. */
export interface KnownSegment {
  readonly id: number
  readonly name: string
  /** The size up to which it was read, or is being read. Bytes. */
  readonly size: number
  readonly device: number
  readonly inode: number
  /** Milliseconds; {@link UNSETTLED} while its reading has not come to the end of `size`. */
  readonly modifiedMs: number
  readonly checkpoint: number
  readonly prefixCrc: number
  readonly tailCrc: number
}

/** Stands for the time of the last change while a segment is being read. */
export const UNSETTLED = -1

/** A segment with something in it to be read. */
export interface SegmentWork {
  readonly found: FoundSegment
  /** What was read of it, perhaps under another name; undefined for one to be read from its start. */
  readonly known: KnownSegment | undefined
}

/** What is to be done about a run's segments. */
export interface SegmentPlan {
  /** In reading order. A segment that did not change since it was read to its end is not among them. */
  readonly work: readonly SegmentWork[]
  /** Known segments whose content is no longer there: deleted, cut short, or changed. */
  readonly gone: readonly KnownSegment[]
  /** Whether known segments now stand in another order than when they were read. */
  readonly reordered: boolean
}

/**
 * Recognises the segments of a run by their content, so that rotation by
 * rename, copying and rsync cost no second reading.
 *
 * @param found in reading order
 * @param holds whether a file still holds, at its start, what was read of a known segment
 */
export function planSegments(
  known: readonly KnownSegment[],
  found: readonly FoundSegment[],
  holds: (found: FoundSegment, known: KnownSegment) => boolean,
): SegmentPlan {
  const open = new Set(known)
  const pairs = new Map<FoundSegment, KnownSegment>()
  const pair = (matches: (file: FoundSegment, segment: KnownSegment) => boolean): void => {
    for (const file of found) {
      if (pairs.has(file)) continue
      const segment = [...open].find((candidate) => matches(file, candidate))
      if (segment === undefined) continue
      open.delete(segment)
      pairs.set(file, segment)
    }
  }
  pair((file, segment) => file.name === segment.name && isUntouched(file, segment))
  pair(isUntouched)
  pair((file, segment) => isSameInode(file, segment) && holds(file, segment))
  pair((file, segment) => file.name === segment.name && holds(file, segment))
  pair((file, segment) => segment.checkpoint > 0 && holds(file, segment))
  return {
    work: found
      .map((file) => ({ found: file, known: pairs.get(file) }))
      .filter(({ found: file, known: segment }) => !isRead(file, segment)),
    gone: [...open],
    reordered: !isInOrder(found.flatMap((file) => pairs.get(file) ?? [])),
  }
}

function isInOrder(segments: readonly KnownSegment[]): boolean {
  const names = segments.map(({ name }) => name)
  return names.every((name, at) => compareSegmentNames(names[at - 1] ?? name, name) <= 0)
}

function isRead(file: FoundSegment, segment: KnownSegment | undefined): boolean {
  return segment?.name === file.name && isUntouched(file, segment)
}

/** Whether a file is, as far as the file system can tell, as it was when it was read to its end. */
export function isUntouched(file: FoundSegment, segment: KnownSegment): boolean {
  return (
    isSameInode(file, segment) &&
    file.size === segment.size &&
    file.modifiedMs === segment.modifiedMs
  )
}

/** Whether a file is, as far as the file system can tell, the one that was read. */
export function isSameInode(file: FoundSegment, segment: KnownSegment): boolean {
  return file.device === segment.device && file.inode === segment.inode
}
