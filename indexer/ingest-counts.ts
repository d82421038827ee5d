/** What reading a run, or several, came to. What had to be read again counts again. */
export interface IngestCounts {
  /** New events. */
  readonly events: number
  /** New complete lines that are no events. */
  readonly rejects: number
  /** New copies of events that are indexed already. */
  readonly duplicates: number
  /** Bytes read as lines. */
  readonly bytes: number
}

/** No counts yet. */
export const NOTHING: IngestCounts = { events: 0, rejects: 0, duplicates: 0, bytes: 0 }

/** Two counts as one. */
export function addCounts(a: IngestCounts, b: IngestCounts): IngestCounts {
  return {
    events: a.events + b.events,
    rejects: a.rejects + b.rejects,
    duplicates: a.duplicates + b.duplicates,
    bytes: a.bytes + b.bytes,
  }
}
