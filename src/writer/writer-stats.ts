/**
 * What became of an event: `accepted` into the queue, `filtered` by the
 * verbosity, or `dropped` since the queue was full or the event was not valid.
 */
export type EmitResult = 'accepted' | 'filtered' | 'dropped'

/** The account of a writer: emitted = written + filtered + dropped + queued, at any time. */
export interface WriterStats {
  /** Events that were handed in, and those the writer made itself to tell of losses. */
  readonly emitted: number
  /** Events handed to the operating system. */
  readonly written: number
  /** Events the verbosity left out. */
  readonly filtered: number
  /** Events that are not in the log and should be; the log says so. */
  readonly dropped: number
  /** Events accepted and not yet written. */
  readonly queued: number
  /** Those of the dropped that broke the rules. */
  readonly invalid: number
  readonly bytesWritten: number
  /** Segments sealed. */
  readonly rotations: number
  /** Attempts to write that failed; each was, or is being, repeated. */
  readonly writeErrors: number
}

/** How stopping went. */
export interface StopReport {
  /** Whether everything accepted was written. */
  readonly complete: boolean
  /**
   * Accepted events that could not be written in time; they count as dropped.
   * Where a write never came back, the disk may have more of them than it told.
   */
  readonly unwritten: number
  readonly stats: WriterStats
}
