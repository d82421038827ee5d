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
  readonly #totalBytes: number
  readonly #tell: ((progress: IngestProgress) => void) | undefined
  #finishedBytes = 0
  #runBytes = 0
  #events = 0

  constructor({ simulations }: Discovery, tell?: (progress: IngestProgress) => void) {
    this.#totalBytes = simulations.reduce((sum, { segments }) => sum + sizeOf(segments), 0)
    this.#tell = tell
    this.#report()
  }

  /** A block of the run at hand is committed. */
  addBlock({ bytes, events }: { readonly bytes: number; readonly events: number }): void {
    this.#runBytes += bytes
    this.#events += events
    this.#report()
  }

  /** The run at hand is done: what was read of it before counts now, too. */
  finishRun(segments: readonly FoundSegment[]): void {
    this.#finishedBytes += sizeOf(segments)
    this.#runBytes = 0
    this.#report()
  }

  #report(): void {
    // A run that is read again, or grows meanwhile, is not more than all of it.
    const bytes = Math.min(this.#totalBytes, this.#finishedBytes + this.#runBytes)
    this.#tell?.({ bytes, totalBytes: this.#totalBytes, events: this.#events })
  }
}

function sizeOf(segments: readonly FoundSegment[]): number {
  return segments.reduce((sum, { size }) => sum + size, 0)
}
