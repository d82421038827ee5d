import { type DecodedLine, encodeLine } from '../src/event/event-line.js'
import type { TimestampMicros } from '../src/event/timestamp.js'
import { TURNS_PER_BUCKET } from '../src/sidecar/schema.js'
import type { SimulationRow } from './simulation-tables.js'

/** An event as the sidecar has it. */
export interface IndexedEvent {
  readonly id: number
  readonly segment: string
  readonly offset: number
  readonly length: number
  readonly timestamp: TimestampMicros
  readonly turn: number
  readonly type: number
  readonly shape: number
  readonly eventId: string
  readonly agentId: string | null
  readonly kind: string | null
  readonly causedBy: string | null
  readonly description: string | null
  readonly details: string | null
  readonly raw: string | null
}

/** A reject as the sidecar has it. */
export interface IndexedReject {
  readonly segment: string
  readonly offset: number
  readonly length: number
}

/** What has been seen of one run. */
export class RunComparison {
  readonly simulation: SimulationRow
  /** Indexed rejects whose line has not come by yet, by place. */
  readonly rejects: Map<string, IndexedReject>
  /** Events by rollup cell: "bucket type agent". */
  readonly rollup = new Map<string, number>()
  events = 0
  duplicates = 0
  rejected = 0
  firstTimestamp = Infinity
  lastTimestamp = -Infinity
  firstTurn = Infinity
  lastTurn = -Infinity

  constructor(simulation: SimulationRow, rejects: readonly IndexedReject[]) {
    this.simulation = simulation
    this.rejects = new Map(
      rejects.map((reject) => [placeKey(reject.segment, reject.offset), reject]),
    )
  }

  count({ timestamp, turn, type, agentId }: IndexedEvent): void {
    this.events++
    this.firstTimestamp = Math.min(this.firstTimestamp, timestamp)
    this.lastTimestamp = Math.max(this.lastTimestamp, timestamp)
    this.firstTurn = Math.min(this.firstTurn, turn)
    this.lastTurn = Math.max(this.lastTurn, turn)
    const cell = `${Math.floor(turn / TURNS_PER_BUCKET)} ${type} ${agentId ?? ''}`
    this.rollup.set(cell, (this.rollup.get(cell) ?? 0) + 1)
  }

  takeReject(segment: string, offset: number, length: number): boolean {
    this.rejected++
    const key = placeKey(segment, offset)
    const reject = this.rejects.get(key)
    this.rejects.delete(key)
    return reject?.length === length
  }
}

function placeKey(segment: string, offset: number): string {
  return `${segment} ${offset}`
}

interface RowAndLine {
  readonly row: IndexedEvent
  readonly length: number
  readonly causes: readonly string[]
  readonly decoded: DecodedLine
  readonly line: string
}

const COMPARED_COLUMNS = [
  'timestamp',
  'turn',
  'type',
  'agentId',
  'kind',
  'causedBy',
  'description',
  'details',
] as const

/** In what a row differs from its line. */
export function* compareRow(
  { row, length, causes, decoded, line }: RowAndLine,
  simulationName: string,
): Generator<string> {
  if (encodeLine(row, simulationName) !== line) yield 'the sidecar gives another line'
  if (row.length !== length) yield `length is ${row.length}, not ${length}`
  for (const column of COMPARED_COLUMNS) {
    if (row[column] === decoded[column]) continue
    yield `${column} is ${JSON.stringify(row[column])}, not ${JSON.stringify(decoded[column])}`
  }
  if ([...causes].sort().join(' ') !== [...decoded.causes].sort().join(' ')) {
    yield `its causes are ${JSON.stringify(causes)}, not ${JSON.stringify(decoded.causes)}`
  }
}
