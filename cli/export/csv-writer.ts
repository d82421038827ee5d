import { stringify } from 'csv-stringify/sync'
import { formatTimestamp } from '../../src/event/timestamp.js'
import type { EventText } from '../../src/query/event-row.js'
import { toColumns } from './event-columns.js'
import type { ByteSink, RunWriter } from './run-writer.js'

const COLUMNS = [
  'simulation_id',
  'event_id',
  'timestamp',
  'turn_number',
  'event_type',
  'kind',
  'agent_id',
  'caused_by',
  'description',
  'details',
  'other',
]

/**
 * How RFC 4180 spells a table: any line break within a text has quotes, a lone one too, as
 * readers take it for the end of a row otherwise. An empty text has quotes, to be told from none.
 */
const SPELLING = { record_delimiter: 'windows', quote_record_delimiter: true, quoted_match: /^$/ }

/** Writes a run as rows of a table. @param hasHeader whether the names of the columns come first */
export function createCsvWriter(
  sink: ByteSink,
  simulationId: string,
  hasHeader: boolean,
): RunWriter {
  if (hasHeader) sink.write(stringify([COLUMNS], SPELLING))
  return {
    write(events: readonly EventText[]) {
      sink.write(
        stringify(
          events.map((text) => toRow(text, simulationId)),
          SPELLING,
        ),
      )
    },
    end: () => undefined,
  }
}

function toRow(text: EventText, simulationId: string): readonly unknown[] {
  const event = toColumns(text, simulationId)
  return [
    simulationId,
    event.event_id,
    formatTimestamp(event.timestamp),
    event.turn_number,
    event.event_type,
    event.kind,
    event.agent_id,
    event.caused_by === null ? null : JSON.stringify(event.caused_by),
    event.description,
    event.details,
    event.other,
  ]
}
