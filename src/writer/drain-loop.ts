import { getSystemErrorName } from 'node:util'
import { shouldRotate } from './rotation-policy.js'
import { SegmentWriter } from './segment-writer.js'
import {
  CONTROL,
  QueueConsumer,
  type SharedQueueMemory,
  STOP_REQUESTS,
  THREAD_STATES,
  TOTALS,
} from './shared-queue.js'
import { WarningLimit } from './warning-limit.js'
import type { Durability } from './writer-options.js'

/** What the writing thread is given. */
export interface ThreadData {
  readonly memory: SharedQueueMemory
  readonly directory: string
  readonly maxFileSize: number
  readonly durability: Durability
}

/** Where a {@link DrainLoop} writes. */
export type Segment = Pick<
  SegmentWriter,
  'size' | 'open' | 'isDisplaced' | 'write' | 'rotate' | 'sync' | 'close'
>

/** What the writing thread tells, where the other side lives on an event loop. */
export type ThreadMessage =
  | { readonly kind: 'flushed' | 'recovered' | 'stopped' }
  | { readonly kind: 'write-failed'; readonly message: string }
  | { readonly kind: 'rotated'; readonly segment: string }

/** How much goes to the file in one call. Bytes. */
const WRITE_BYTES = 1024 * 1024
/** How long the thread naps between looks while events come in; they are not held up by waking it. */
const NAP_MS = 1
/** After this many naps without an event it sleeps until it is woken. */
const NAPS_BEFORE_SLEEP = 20
const SYNC_INTERVAL_MS = 1_000
const FIRST_RETRY_MS = 10
const LAST_RETRY_MS = 1_000

/** Drains the queue into segments until it is told to stop. */
export class DrainLoop {
  readonly #queue: QueueConsumer
  readonly #segment: Segment
  readonly #data: ThreadData
  readonly #tell: (message: ThreadMessage) => void
  readonly #warnings = new WarningLimit()
  #failedAttempts = 0
  #idleNaps = 0
  #unsynced = false
  #syncedAt = performance.now()

  constructor(
    data: ThreadData,
    tell: (message: ThreadMessage) => void,
    segment: Segment = new SegmentWriter(data.directory),
  ) {
    this.#data = data
    this.#tell = tell
    this.#queue = new QueueConsumer(data.memory)
    this.#segment = segment
  }

  /** Blocks its thread for the life of the writer. */
  run(): void {
    if (!this.#start()) return
    const { control } = this.#queue
    for (;;) {
      const wake = Atomics.load(control, CONTROL.wake)
      const stop = Atomics.load(control, CONTROL.stop)
      const flushAsked = Atomics.load(control, CONTROL.flushAsked)
      // Behind the request, so that everything the request means is before the mark.
      const mark = this.#queue.mark()
      const moved = this.#drain(mark)
      if (this.#mustEndNow()) break
      if (this.#failedAttempts > 0) {
        Atomics.wait(control, CONTROL.wake, wake, this.#retryDelay())
        continue
      }
      const isFlushDue = flushAsked !== Atomics.load(control, CONTROL.flushDone)
      const isLast = stop === STOP_REQUESTS.whenEmpty && this.#queue.queued === 0
      if ((isFlushDue || isLast) && !this.#settle()) continue
      if (isFlushDue) {
        Atomics.store(control, CONTROL.flushDone, flushAsked)
        this.#tell({ kind: 'flushed' })
      }
      if (isLast) break
      this.#rest(moved, wake)
    }
    this.#end()
  }

  #start(): boolean {
    try {
      this.#segment.open()
      this.#setState(THREAD_STATES.running)
      return true
    } catch (error) {
      this.#noteError(error)
      this.#setState(THREAD_STATES.failed)
      return false
    }
  }

  #end(): void {
    try {
      this.#segment.close()
    } catch (error) {
      this.#warn(error)
    }
    this.#setState(THREAD_STATES.stopped)
    this.#tell({ kind: 'stopped' })
  }

  #setState(state: number): void {
    Atomics.store(this.#queue.control, CONTROL.state, state)
    Atomics.notify(this.#queue.control, CONTROL.state)
  }

  #mustEndNow(): boolean {
    return Atomics.load(this.#queue.control, CONTROL.stop) === STOP_REQUESTS.now
  }

  /**
   * Writes what was put in before the mark. Without one, a simulation that
   * emits all the time would put off flushing and syncing for ever.
   *
   * @returns whether there was anything to do
   */
  #drain(mark: number): boolean {
    const isRetry = this.#failedAttempts > 0
    if (!this.#queue.isBefore(mark) && !isRetry) return false
    try {
      if (this.#segment.isDisplaced()) this.#reopen()
      while (this.#queue.isBefore(mark) && !this.#mustEndNow()) this.#writeOnce()
      if (this.#data.durability === 'every-batch' || (isRetry && this.#isDurable())) this.#sync()
      else if (this.#data.durability === 'interval' && this.#isSyncDue()) this.#sync()
    } catch (error) {
      this.#fail(error)
      return true
    }
    this.#recover()
    return true
  }

  /** Somebody moved, deleted or cut the file, or its directory: go on with what is there. */
  #reopen(): void {
    this.#segment.close()
    this.#queue.startLineOver()
    this.#segment.open()
  }

  #writeOnce(): void {
    const { maxFileSize } = this.#data
    const queue = this.#queue
    if (!queue.isMidLine && shouldRotate(this.#segment.size, queue.firstLength, maxFileSize)) {
      if (this.#isDurable()) this.#sync()
      const segment = this.#segment.rotate()
      this.#add(TOTALS.rotations, 1)
      this.#tell({ kind: 'rotated', segment })
    }
    const room = Math.max(0, maxFileSize - this.#segment.size)
    const written = this.#segment.write(queue.next(Math.min(room, WRITE_BYTES)))
    queue.take(written)
    this.#add(TOTALS.bytesWritten, written)
    this.#unsynced = true
  }

  #isDurable(): boolean {
    return this.#data.durability !== 'os'
  }

  #isSyncDue(): boolean {
    return this.#unsynced && performance.now() - this.#syncedAt >= SYNC_INTERVAL_MS
  }

  #sync(): void {
    if (!this.#unsynced) return
    this.#segment.sync()
    this.#unsynced = false
    this.#syncedAt = performance.now()
  }

  /** @returns whether what is written is where durability wants it */
  #settle(): boolean {
    try {
      if (this.#isDurable()) this.#sync()
      return true
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  #fail(error: unknown): void {
    this.#noteError(error)
    this.#failedAttempts++
    this.#add(TOTALS.writeErrors, 1)
    this.#warn(error)
  }

  #warn(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    if (this.#warnings.isDue('write-failed')) this.#tell({ kind: 'write-failed', message })
  }

  #noteError(error: unknown): void {
    const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : 0
    Atomics.store(this.#queue.control, CONTROL.errno, errno)
  }

  #recover(): void {
    if (this.#failedAttempts === 0 || this.#mustEndNow()) return
    const { control } = this.#queue
    Atomics.store(control, CONTROL.failedAttempts, this.#failedAttempts)
    Atomics.add(control, CONTROL.recoveries, 1)
    this.#failedAttempts = 0
    this.#tell({ kind: 'recovered' })
  }

  #retryDelay(): number {
    return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(10, this.#failedAttempts - 1))
  }

  #rest(moved: boolean, wake: number): void {
    const { control } = this.#queue
    this.#idleNaps = moved ? 0 : this.#idleNaps + 1
    if (this.#idleNaps < NAPS_BEFORE_SLEEP) {
      Atomics.wait(control, CONTROL.wake, wake, NAP_MS)
      return
    }
    Atomics.store(control, CONTROL.sleeping, 1)
    // Whoever puts an event in from here on sees that it must wake this thread.
    if (this.#queue.queued === 0) {
      const isSyncOpen = this.#data.durability === 'interval' && this.#unsynced
      Atomics.wait(control, CONTROL.wake, wake, isSyncOpen ? SYNC_INTERVAL_MS : Infinity)
    }
    Atomics.store(control, CONTROL.sleeping, 0)
    if (this.#data.durability === 'interval' && this.#isSyncDue()) this.#settle()
  }

  #add(slot: number, amount: number): void {
    const { totals } = this.#queue
    totals[slot] = (totals[slot] ?? 0) + amount
  }
}

/** The system's word for a negated errno, such as `ENOSPC`. */
export function errnoName(errno: number): string {
  return errno === 0 ? 'unknown error' : getSystemErrorName(errno)
}
