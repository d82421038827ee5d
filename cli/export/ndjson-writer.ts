import type { EventText } from '../../src/query/event-row.js'
import type { ByteSink, RunWriter } from './run-writer.js'

/** Writes the lines of a run as they were recorded, in the order of time. */
export function createNdjsonWriter(sink: ByteSink): RunWriter {
  return {
    write(events: readonly EventText[]) {
      sink.write(events.map((text) => `${text}\n`).join(''))
    },
    end: () => undefined,
  }
}
