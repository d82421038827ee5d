import { join } from 'node:path'
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises'
import { systemErrorCode, TurnlogError } from '../../src/errors.js'
import type { EventMatcher } from '../../src/query/event-matcher.js'
import type { DiscoveryProblem } from '../../src/segment/discovery.js'
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
  /** Told of what cannot be read, or is not what it was. */
  readonly onTrouble: (trouble: DiscoveryProblem) => void
  readonly signal: AbortSignal
}

/** How often it is looked for more. A look is a listing of the run's directory. */
const LOOK_EVERY_MS = 100
/** So often files may change under a look of what ends; then it ends with what it has. */
const MOST_LOOKS = 50

/**
 * The last events of a run that match, then those that are written, each as soon as its line is
 * complete, with the lines between them that are no events. It is read on when what was given is
 * made use of: nothing is held but one block.
 *
 * @throws what `onMissing` throws; TurnlogError INPUT_UNREADABLE when the run cannot be listed at
 *   first; the signal's reason when it aborts what has an end
 */
export async function* tailEvents(request: TailRequest): AsyncGenerator<readonly TailItem[]> {
  const { onMissing, follows, signal } = request
  const tail = openTail(request)
  try {
    if (!tail.exists) onMissing()
    await goBack(tail, request)
    yield* readOn(tail, request)
    if (!follows) signal.throwIfAborted()
  } finally {
    tail.close()
  }
}

function openTail({ root, simulation, onTrouble }: TailRequest): RunTail {
  try {
    return new RunTail(root, simulation, onTrouble)
  } catch (cause) {
    const why = systemErrorCode(cause) ?? (cause instanceof Error ? cause.message : String(cause))
    throw new TurnlogError('INPUT_UNREADABLE', {
      message: `follow ${JSON.stringify(simulation)}: ${join(root, simulation)} cannot be read (${why})`,
      hint: 'make sure that it can be listed, and its files read',
      cause,
    })
  }
}

async function* readOn(
  tail: RunTail,
  { simulation, matcher, follows, signal }: TailRequest,
): AsyncGenerator<readonly TailItem[]> {
  let looks = 0
  do {
    for (const { lines } of tail.readNew()) {
      if (signal.aborted) return
      yield toItems(lines, simulation, matcher)
      // Signals come in between.
      await breathe()
    }
    looks++
    // Aborting it is how it ends.
    await sleep(follows ? LOOK_EVERY_MS : 1, undefined, { signal }).catch(() => undefined)
  } while ((follows || (tail.isBehind && looks < MOST_LOOKS)) && !signal.aborted)
}

/**
 * Makes the last events that match new again, with the lines between them that are none: from
 * the first of them on, or where there are fewer, from the first line that is none.
 */
async function goBack(
  tail: RunTail,
  { simulation, matcher, last, signal }: TailRequest,
): Promise<void> {
  let missing = last
  let goBackTo = (): void => undefined
  for (const { file, lines } of last === 0 ? [] : tail.readBack()) {
    if (signal.aborted) return
    const items = toItems(lines, simulation, matcher)
    const events = items.filter(({ kind }) => kind === 'event')
    const first = missing <= events.length ? events.at(-missing) : items[0]
    if (first !== undefined)
      goBackTo = () => {
        tail.goBackTo(file, first.line.offset)
      }
    missing -= events.length
    if (missing <= 0) break
    await breathe()
  }
  goBackTo()
}
