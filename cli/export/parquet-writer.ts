import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import type { EventText } from '../../src/query/event-row.js'
import { type EventColumns, toColumns } from './event-columns.js'
import type { ByteSink, RunWriter } from './run-writer.js'

/**
 * A row group ends behind the event that reaches one of these: events, characters.
 * All of one is held in memory, several times over.
 */
const GROUP_EVENTS = 10_000
const GROUP_CHARACTERS = 8 * 1024 * 1024
/** What is compressed at once. */
const PAGE_BYTES = 128 * 1024
/** So much is held back before it is written. Bytes. */
const FLUSH_BYTES = 1024 * 1024

const TEXT = {
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
} as const
const REQUIRED = { repetition_type: 'REQUIRED' } as const
const OPTIONAL = { repetition_type: 'OPTIONAL' } as const

/** The columns of a file, in the order of {@link EventColumns}; a run's name is that of its partition. */
const SCHEMA: SchemaElement[] = [
  { name: 'event', num_children: 10 },
  { name: 'event_id', ...TEXT, ...REQUIRED },
  {
    name: 'timestamp',
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    ...REQUIRED,
  },
  { name: 'turn_number', type: 'INT64', ...REQUIRED },
  { name: 'event_type', ...TEXT, ...REQUIRED },
  { name: 'kind', ...TEXT, ...OPTIONAL },
  { name: 'agent_id', ...TEXT, ...OPTIONAL },
  {
    name: 'caused_by',
    num_children: 1,
    converted_type: 'LIST',
    logical_type: { type: 'LIST' },
    ...OPTIONAL,
  },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  { name: 'element', ...TEXT, ...REQUIRED },
  { name: 'description', ...TEXT, ...OPTIONAL },
  { name: 'details', ...TEXT, ...OPTIONAL },
  { name: 'other', ...TEXT, ...OPTIONAL },
]

/** Writes a run as a Parquet file, compressed with Snappy, one row group after the other. */
export function createParquetWriter(sink: ByteSink, simulationId: string): RunWriter {
  const bytes = new SinkWriter(sink)
  const file = new ParquetWriter({
    writer: bytes,
    schema: SCHEMA,
    createdBy: 'turnlog',
    kvMetadata: [{ key: 'simulation_id', value: simulationId }],
  })
  let group: EventColumns[] = []
  let characters = 0
  const writeGroup = (): void => {
    if (group.length === 0) return
    void file.write({
      columnData: columnsOf(group),
      rowGroupSize: group.length,
      pageSize: PAGE_BYTES,
    })
    group = []
    characters = 0
  }
  return {
    write(events: readonly EventText[]) {
      for (const text of events) {
        group.push(toColumns(text, simulationId))
        characters += text.length
        if (group.length >= GROUP_EVENTS || characters >= GROUP_CHARACTERS) writeGroup()
      }
    },
    end() {
      writeGroup()
      void file.finish()
    },
  }
}

function columnsOf(events: readonly EventColumns[]) {
  return [
    { name: 'event_id', data: events.map((event) => event.event_id) },
    { name: 'timestamp', data: events.map(({ timestamp }) => BigInt(timestamp)) },
    { name: 'turn_number', data: events.map((event) => BigInt(event.turn_number)) },
    { name: 'event_type', data: events.map((event) => event.event_type) },
    { name: 'kind', data: events.map(({ kind }) => kind) },
    { name: 'agent_id', data: events.map((event) => event.agent_id) },
    { name: 'caused_by', data: events.map((event) => event.caused_by) },
    { name: 'description', data: events.map(({ description }) => description) },
    { name: 'details', data: events.map(({ details }) => details) },
    { name: 'other', data: events.map(({ other }) => other) },
  ]
}

/** Hands bytes on as they come, synchronously, so that no more than a page is held. */
class SinkWriter extends ByteWriter {
  readonly #sink: ByteSink

  constructor(sink: ByteSink) {
    super(2 * FLUSH_BYTES)
    this.#sink = sink
  }

  override ensure(size: number): void {
    if (this.index >= FLUSH_BYTES) this.flush()
    super.ensure(size)
  }

  flush(): void {
    this.#sink.write(this.getBytes())
    this.index = 0
  }

  override finish(): void {
    this.flush()
  }
}
