import { getSystemErrorName } from 'node:util'
import type { Durability } from './writer-options.js'
import { shouldRotate } from './rotation-policy.js'
import { SegmentWriter } from './segment-writer.js'
import {
  CONTROL,
  QueueConsumer,
  type SharedQueueMemory,
  THREAD_STATES,
  TOTALS,
} from './shared-queue.js'

/** What the writing thread is given. */
export interface ThreadData {
  readonly memory: SharedQueueMemory
  readonly directory: string
  readonly maxFileSize: number
  readonly durability: Durability
}

/** What the writing thread tells, where the other side lives on an event loop. */
export type ThreadMessage =
  | { readonly kind: 'flushed' | 'recovered' | 'stopped' }
  | { readonly kind: 'write-failed'; readonly message: string }

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
  readonly #segment: SegmentWriter
  readonly #data: ThreadData
  readonly #tell: (message: ThreadMessage) => void
  #failedAttempts = 0
  #idleNaps = 0
  #unsynced = false
  #syncedAt = performance.now()

  constructor(data: ThreadData, tell: (message: ThreadMessage) => void) {
    this.#data = data
    this.#tell = tell
    this.#queue = new QueueConsumer(data.memory)
    this.#segment = new SegmentWriter(data.directory)
  }

  /** Blocks its thread for the life of the writer. */
  run(): void {
    if (!this.#start()) return
    const { control } = this.#queue
    for (;;) {
      const wake = Atomics.load(control, CONTROL.wake)
      const stopping = Atomics.load(control, CONTROL.stop) === 1
      const flushAsked = Atomics.load(control, CONTROL.flushAsked)
      const moved = this.#drain()
      if (this.#failedAttempts > 0) {
        Atomics.wait(control, CONTROL.wake, wake, this.#retryDelay())
        continue
      }
      if (flushAsked !== Atomics.load(control, CONTROL.flushDone) && this.#sync('flush')) {
        Atomics.store(control, CONTROL.flushDone, flushAsked)
        Atomics.notify(control, CONTROL.flushDone)
        this.#tell({ kind: 'flushed' })
      }
      if (stopping && this.#queue.queued === 0 && this.#sync('flush')) break
      this.#rest(moved, wake)
    }
    this.#segment.close()
    this.#setState(THREAD_STATES.stopped)
    this.#tell({ kind: 'stopped' })
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

  #setState(state: number): void {
    Atomics.store(this.#queue.control, CONTROL.state, state)
    Atomics.notify(this.#queue.control, CONTROL.state)
  }

  /** @returns whether anything was written */
  #drain(): boolean {
    if (this.#queue.queued === 0 && this.#failedAttempts === 0) return false
    try {
      if (this.#segment.isDisplaced()) this.#reopen()
      while (this.#queue.queued > 0) this.#writeOnce()
      if (this.#data.durability === 'every-batch' || this.#failedAttempts > 0) this.#segment.sync()
    } catch (error) {
      this.#fail(error)
      return true
    }
    this.#recover()
    this.#syncInTime()
    return true
  }

  /** Somebody moved or deleted the file, or its directory: go on in a new one. */
  #reopen(): void {
    this.#segment.close()
    this.#queue.startLineOver()
    this.#segment.open()
  }

  #writeOnce(): void {
    const { maxFileSize } = this.#data
    const queue = this.#queue
    if (!queue.isMidLine && shouldRotate(this.#segment.size, queue.firstLength, maxFileSize)) {
      if (this.#data.durability !== 'os') this.#segment.sync()
      this.#segment.rotate()
      this.#add(TOTALS.rotations, 1)
    }
    const room = Math.max(0, maxFileSize - this.#segment.size)
    const written = this.#segment.write(queue.next(Math.min(room, WRITE_BYTES)))
    queue.take(written)
    this.#add(TOTALS.bytesWritten, written)
    this.#unsynced = true
  }

  #syncInTime(): void {
    const due = performance.now() - this.#syncedAt >= SYNC_INTERVAL_MS
    if (this.#data.durability === 'interval' && due) this.#sync('interval')
  }

  /** @returns whether what is to be on the disk is there */
  #sync(occasion: 'flush' | 'interval'): boolean {
    if (this.#data.durability === 'os' || !this.#unsynced) return true
    try {
      this.#segment.sync()
      this.#unsynced = false
      this.#syncedAt = performance.now()
      return true
    } catch (error) {
      this.#fail(error)
      return occasion === 'interval'
    }
  }

  #fail(error: unknown): void {
    this.#noteError(error)
    this.#failedAttempts++
    this.#add(TOTALS.writeErrors, 1)
    if (this.#failedAttempts === 1) this.#tell({ kind: 'write-failed', message: messageOf(error) })
  }

  #noteError(error: unknown): void {
    const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : 0
    Atomics.store(this.#queue.control, CONTROL.errno, errno)
  }

  #recover(): void {
    if (this.#failedAttempts === 0) return
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
      const interval = this.#data.durability === 'interval' && this.#unsynced
      Atomics.wait(control, CONTROL.wake, wake, interval ? SYNC_INTERVAL_MS : Infinity)
    }
    Atomics.store(control, CONTROL.sleeping, 0)
    this.#syncInTime()
  }

  #add(slot: number, amount: number): void {
    const { totals } = this.#queue
    totals[slot] = (totals[slot] ?? 0) + amount
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The system's word for a negated errno, such as `ENOSPC`. */
export function errnoName(errno: number): string {
  return errno === 0 ? 'unknown error' : getSystemErrorName(errno)
}
