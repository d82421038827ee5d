/**
 * A bounded queue of lines in shared memory, between the one thread that emits
 * and the one that writes. Counters run on and wrap at 32 bits; only their
 * differences are used, and those are bounded by the queue's size. Places in
 * the rings are counted apart, since no ring's size need divide 2^32.
 */
export interface SharedQueueMemory {
  readonly control: SharedArrayBuffer
  /** Bytes of each queued line, around and around. */
  readonly lengths: SharedArrayBuffer
  /** The lines, one behind the other, around and around. */
  readonly bytes: SharedArrayBuffer
  /** Totals kept by the writing thread. */
  readonly totals: SharedArrayBuffer
}

/** Words of the control block; each is written by one side alone, but for WAKE. */
export const CONTROL = {
  /** Events put in. */
  head: 0,
  /** Events taken out. */
  tail: 1,
  /** Bytes taken out. */
  bytesTail: 2,
  /** Counts up whenever the writing thread is to look up at once. */
  wake: 3,
  /** 1 while the writing thread waits for `wake`. */
  sleeping: 4,
  /** The number of the last flush asked for, and of the last one done. */
  flushAsked: 5,
  flushDone: 6,
  /** See {@link STOP_REQUESTS}. */
  stop: 7,
  /** See {@link THREAD_STATES}. */
  state: 8,
  /** Counts up when writing works again after it failed. */
  recoveries: 9,
  /** How many attempts had failed before the last recovery. */
  failedAttempts: 10,
  /** The errno of the last failed attempt. */
  errno: 11,
  /** Counts up whenever room was made. */
  room: 12,
} as const

const CONTROL_WORDS = 16

/** What the writing thread is at. */
export const THREAD_STATES = { starting: 0, running: 1, failed: 2, stopped: 3 } as const

/** How the writing thread is to end: once the queue is empty, or after the write at hand. */
export const STOP_REQUESTS = { none: 0, whenEmpty: 1, now: 2 } as const

/** Slots of the totals. */
export const TOTALS = { bytesWritten: 0, rotations: 1, writeErrors: 2 } as const

/** Makes the memory of a queue of at most `maxEvents` lines and `maxBytes` bytes. */
export function createQueueMemory(maxEvents: number, maxBytes: number): SharedQueueMemory {
  return {
    control: new SharedArrayBuffer(CONTROL_WORDS * Int32Array.BYTES_PER_ELEMENT),
    lengths: new SharedArrayBuffer(maxEvents * Int32Array.BYTES_PER_ELEMENT),
    bytes: new SharedArrayBuffer(maxBytes),
    totals: new SharedArrayBuffer(Object.keys(TOTALS).length * Float64Array.BYTES_PER_ELEMENT),
  }
}

/** How often a blocked emit looks whether the writing thread is still there, in milliseconds. */
const ROOM_WAIT_MS = 100
const NEWLINE = 0x0a

/** The emitting side. */
export class QueueProducer {
  readonly control: Int32Array
  readonly #lengths: Int32Array
  readonly #bytes: Buffer
  #pushed = 0
  #head: number
  #bytesHead: number
  #slot = 0
  #position = 0

  /** @param memory an empty queue's */
  constructor(memory: SharedQueueMemory) {
    this.control = new Int32Array(memory.control)
    this.#lengths = new Int32Array(memory.lengths)
    this.#bytes = Buffer.from(memory.bytes)
    this.#head = Atomics.load(this.control, CONTROL.head)
    this.#bytesHead = Atomics.load(this.control, CONTROL.bytesTail)
  }

  /** Events put in since the beginning. */
  get pushed(): number {
    return this.#pushed
  }

  /** Events put in and not yet taken out. */
  get queued(): number {
    return (this.#head - Atomics.load(this.control, CONTROL.tail)) | 0
  }

  /** The memory the lines lie in. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Where in that memory the next line begins. */
  get position(): number {
    return this.#position
  }

  /**
   * Where a line spelled from {@link position} on must have ended, before its
   * newline; there is no room when that is not behind its beginning.
   */
  get limit(): number {
    if (this.queued >= this.#lengths.length) return this.#position
    const contiguous = Math.min(this.#free(), this.#bytes.length - this.#position)
    return this.#position + contiguous - 1
  }

  /** Puts in the line that was spelled in place up to `end`, with a newline behind it. */
  pushSpelled(end: number): void {
    this.#bytes[end] = NEWLINE
    this.#commit(end + 1 - this.#position)
  }

  /** Puts a line in, with a newline behind it. @returns whether there was room */
  push(line: string): boolean {
    if (this.queued >= this.#lengths.length) return false
    const encoded = Buffer.from(`${line}\n`)
    if (encoded.length > this.#free()) return false
    const first = encoded.copy(this.#bytes, this.#position)
    encoded.copy(this.#bytes, 0, first)
    this.#commit(encoded.length)
    return true
  }

  #free(): number {
    const used = (this.#bytesHead - Atomics.load(this.control, CONTROL.bytesTail)) | 0
    return this.#bytes.length - used
  }

  #commit(length: number): void {
    this.#position = (this.#position + length) % this.#bytes.length
    this.#bytesHead = (this.#bytesHead + length) | 0
    this.#lengths[this.#slot] = length
    this.#slot = (this.#slot + 1) % this.#lengths.length
    this.#pushed++
    this.#head = (this.#head + 1) | 0
    Atomics.store(this.control, CONTROL.head, this.#head)
    if (Atomics.load(this.control, CONTROL.sleeping) === 1) this.wake()
  }

  /** Makes the writing thread look up now. */
  wake(): void {
    Atomics.add(this.control, CONTROL.wake, 1)
    Atomics.notify(this.control, CONTROL.wake)
  }

  /** Puts a line in, blocking this thread until there is room. @returns false when `isOver` says so first */
  pushBlocking(line: string, isOver: () => boolean): boolean {
    for (;;) {
      const room = Atomics.load(this.control, CONTROL.room)
      if (this.push(line)) return true
      if (isOver()) return false
      this.wake()
      Atomics.wait(this.control, CONTROL.room, room, ROOM_WAIT_MS)
    }
  }
}

/** The writing side. */
export class QueueConsumer {
  readonly control: Int32Array
  readonly totals: Float64Array
  readonly #lengths: Int32Array
  readonly #bytes: Buffer
  #tail: number
  #bytesTail: number
  #slot = 0
  #position = 0
  /** Bytes of the first queued line that were taken already. */
  #partial = 0

  constructor(memory: SharedQueueMemory) {
    this.control = new Int32Array(memory.control)
    this.totals = new Float64Array(memory.totals)
    this.#lengths = new Int32Array(memory.lengths)
    this.#bytes = Buffer.from(memory.bytes)
    this.#tail = Atomics.load(this.control, CONTROL.tail)
    this.#bytesTail = Atomics.load(this.control, CONTROL.bytesTail)
  }

  /** Events put in and not yet taken out. */
  get queued(): number {
    return (this.mark() - this.#tail) | 0
  }

  /** Marks the end of what is queued by now; see {@link isBefore}. */
  mark(): number {
    return Atomics.load(this.control, CONTROL.head)
  }

  /** Whether something put in before the mark is still to be taken out. */
  isBefore(mark: number): boolean {
    return ((mark - this.#tail) | 0) > 0
  }

  /** Bytes of the first queued line, all of it; 0 when there is none. */
  get firstLength(): number {
    return this.queued === 0 ? 0 : this.#lengthOf(0)
  }

  /** Whether part of the first queued line was taken already. */
  get isMidLine(): boolean {
    return this.#partial > 0
  }

  /**
   * What lies next, as far as `maxBytes` reaches but at least what is left of
   * the first line, up to where the memory begins anew.
   */
  next(maxBytes: number): Buffer {
    const queued = this.queued
    let wanted = 0
    for (let index = 0; index < queued; index++) {
      const length = this.#lengthOf(index) - (index === 0 ? this.#partial : 0)
      if (index > 0 && wanted + length > maxBytes) break
      wanted += length
    }
    return this.#bytes.subarray(this.#position, this.#position + wanted)
  }

  /** Takes bytes out; a line makes room once all of it is taken. */
  take(bytes: number): void {
    this.#position = (this.#position + bytes) % this.#bytes.length
    this.#partial += bytes
    while (this.queued > 0 && this.#partial >= this.#lengthOf(0)) {
      const length = this.#lengthOf(0)
      this.#partial -= length
      this.#bytesTail = (this.#bytesTail + length) | 0
      this.#tail = (this.#tail + 1) | 0
      this.#slot = (this.#slot + 1) % this.#lengths.length
    }
    Atomics.store(this.control, CONTROL.bytesTail, this.#bytesTail)
    Atomics.store(this.control, CONTROL.tail, this.#tail)
    Atomics.add(this.control, CONTROL.room, 1)
    Atomics.notify(this.control, CONTROL.room)
  }

  /** Starts the first line over: the file that has its beginning is gone. */
  startLineOver(): void {
    const capacity = this.#bytes.length
    this.#position = (this.#position - this.#partial + capacity) % capacity
    this.#partial = 0
  }

  /** @param index of the queued lines, from 0 */
  #lengthOf(index: number): number {
    return this.#lengths[(this.#slot + index) % this.#lengths.length] ?? 0
  }
}
