import type { Discovery, FoundSegment } from '../src/segment/discovery.js'

/** How far a pass over a root is. */
export interface IngestProgress {
  /** Of the segments, whether they were read now or before. */
  readonly bytes: number
  readonly totalBytes: number
  /** New events so far. */
  readonly events: number
}

/** Keeps account of a pass. */
export class ProgressMeter {
  readonly #tell: ((progress: IngestProgress) => void) | undefined
  /** Of each run: the size of its segments, and what was read of them. */
  readonly #sizes: ReadonlyMap<string, number>
  readonly #read = new Map<string, number>()
  readonly #totalBytes: number
  #bytes = 0
  #events = 0

  constructor({ simulations }: Discovery, tell?: (progress: IngestProgress) => void) {
    this.#sizes = new Map(simulations.map(({ id, segments }) => [id, sizeOf(segments)]))
    this.#totalBytes = sum(this.#sizes.values())
    this.#tell = tell
    this.#report()
  }

  /** A block of a run is committed. */
  addBlock(run: string, { bytes, events }: Pick<IngestProgress, 'bytes' | 'events'>): void {
    this.#events += events
    this.#moveTo(run, (this.#read.get(run) ?? 0) + bytes)
  }

  /** A run is done: what was read of it before counts now, too. */
  finishRun(run: string): void {
    this.#moveTo(run, Infinity)
  }

  #moveTo(run: string, bytes: number): void {
    // A run that is read again, or grows meanwhile, is not more than all of it.
    const read = Math.min(this.#sizes.get(run) ?? 0, bytes)
    this.#bytes += read - (this.#read.get(run) ?? 0)
    this.#read.set(run, read)
    this.#report()
  }

  #report(): void {
    this.#tell?.({ bytes: this.#bytes, totalBytes: this.#totalBytes, events: this.#events })
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const one of numbers) total += one
  return total
}

function sizeOf(segments: readonly FoundSegment[]): number {
  return sum(segments.map(({ size }) => size))
}
