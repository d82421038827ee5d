import {
  type DiscoveryProblem,
  type FoundSegment,
  StaleListingError,
} from '../src/segment/discovery.js'
import { whyNotRead, withSegment } from './segment-file.js'
import { isSameInode, isUntouched, type KnownSegment } from './segment-plan.js'

/** Whether every segment was read to its end and none has changed since. */
export function isSettled(
  known: readonly KnownSegment[],
  listed: readonly FoundSegment[],
): boolean {
  return (
    known.length === listed.length &&
    listed.every((file) =>
      known.some((segment) => segment.name === file.name && isUntouched(file, segment)),
    )
  )
}

/** Segments that changed and cannot be opened keep the rows they have, and the others go on. */
export function setUnreadableAside(
  listed: readonly FoundSegment[],
  known: readonly KnownSegment[],
): { readable: FoundSegment[]; problems: DiscoveryProblem[]; kept: ReadonlySet<KnownSegment> } {
  const readable: FoundSegment[] = []
  const problems: DiscoveryProblem[] = []
  const kept = new Set<KnownSegment>()
  for (const file of listed) {
    const untouched = known.some((segment) => isUntouched(file, segment))
    const problem = untouched ? [] : whyNotOpened(file)
    problems.push(...problem)
    if (problem.length === 0) {
      readable.push(file)
      continue
    }
    const before =
      known.find((segment) => isSameInode(file, segment)) ??
      known.find((segment) => segment.name === file.name)
    if (before !== undefined) kept.add(before)
  }
  return { readable, problems, kept }
}

/** Nothing when the file can be opened. */
export function whyNotOpened(file: FoundSegment): DiscoveryProblem[] {
  try {
    withSegment(file, () => undefined)
    return []
  } catch (error) {
    if (error instanceof StaleListingError) throw error
    return [{ path: file.path, message: whyNotRead(error) }]
  }
}
