import type { EventText } from '../../src/query/event-row.js'

/** Takes the events of one run, in order. */
export interface RunWriter {
  write(events: readonly EventText[]): void
  /** Writes what is still held back, and what belongs behind the last event. */
  end(): void
}

/** Where bytes go. */
export interface ByteSink {
  write(data: string | Uint8Array): void
}
