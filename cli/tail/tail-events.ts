import { setTimeout as sleep } from 'node:timers/promises'
import type { EventMatcher } from '../../src/query/event-matcher.js'
import { RunTail } from '../../src/segment/run-tail.js'
import { type TailItem, toItems } from './tail-items.js'

/** Which lines of which run. */
export interface TailRequest {
  readonly root: string
  readonly simulation: string
  readonly matcher: EventMatcher
  /** How many events that are there already are given first. */
  readonly last: number
  /** Whether it goes on until the signal aborts. */
  readonly follows: boolean
  /** Told where the run has no segments: whether to wait for them. */
  readonly onMissing: () => void
  readonly signal: AbortSignal
}

/** How often it is looked for more. A look is a listing of the run's directory. */
const LOOK_EVERY_MS = 100

/**
 * The last events of a run that match, then those that are written, each as soon as its line is
 * complete, with the lines between them that are no events. It is read on when what was given is
 * made use of: nothing is held but one block.
 *
 * @throws what `onMissing` throws, or the file system's error when the run cannot be read
 */
export async function* tailEvents(request: TailRequest): AsyncGenerator<readonly TailItem[]> {
  const { root, simulation, matcher, last, follows, onMissing, signal } = request
  const tail = new RunTail(root, simulation)
  try {
    if (!tail.exists) onMissing()
    yield lastItems(tail, simulation, matcher, last)
    const isOver = (): boolean => !follows || signal.aborted
    while (!isOver()) {
      for (const lines of tail.readNew()) {
        yield toItems(lines, simulation, matcher)
        if (isOver()) return
      }
      // Aborting it is how it ends.
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    tail.close()
  }
}

/** The last events that match, and the lines from the first of them on that are none. */
function lastItems(
  tail: RunTail,
  simulation: string,
  matcher: EventMatcher,
  last: number,
): TailItem[] {
  const parts: TailItem[][] = []
  let missing = last
  if (missing === 0) return []
  for (const lines of tail.readBack()) {
    const items = toItems(lines, simulation, matcher)
    const first = findFirst(items, missing)
    parts.push(items.slice(first))
    missing -= items.slice(first).filter(({ kind }) => kind === 'event').length
    if (missing === 0) break
  }
  return parts.reverse().flat()
}

/** Where the last `count` events begin. */
function findFirst(items: readonly TailItem[], count: number): number {
  let left = count
  for (let index = items.length - 1; index >= 0; index--) {
    if (items[index]?.kind === 'event' && --left === 0) return index
  }
  return 0
}
