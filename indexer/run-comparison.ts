import { encodeLine } from '../src/event/event-line.js'
import { compareEvents } from '../src/event/event-order.js'
import { isSameJson } from '../src/event/json-equality.js'
import type { DecodedLine, LineParts } from '../src/event/line-parts.js'
import { wholeCausedBy, wholeDetails } from '../src/event/stored-parts.js'
import { RowSet } from './row-set.js'
import type { SimulationRow } from './simulation-tables.js'

/** An event as the sidecar has it. */
export interface IndexedEvent extends LineParts {
  readonly id: number
  /** Null where the run has no such segment. */
  readonly segment: string | null
  readonly offset: number
  readonly length: number
  /** A JSON array of names; null without. */
  readonly participants: string | null
}

/** A reject as the sidecar has it. */
export interface IndexedReject {
  readonly segment: string
  readonly offset: number
  readonly length: number
  readonly reason: string
}

/** A cause as the sidecar has it. */
export interface IndexedCause {
  readonly eventId: string
  /** Whether it is kept as missing though an event of the run has this id. */
  readonly isHere: number
}

/** How many lines of each kind came by. */
export interface LineCounts {
  readonly events: number
  readonly rejects: number
  readonly duplicates: number
}

/** What has been seen of one run. */
export class RunComparison {
  readonly simulation: SimulationRow
  /** Indexed rejects whose line has not come by yet, by place. */
  readonly rejects: Map<string, IndexedReject & { readonly id: number }>
  /** The rows whose line came by. */
  readonly matched = new RowSet()
  /** The last event in (timestamp, event_id) order. */
  last: DecodedLine | undefined
  firstTimestamp = Infinity
  firstTurn = Infinity
  lastTurn = -Infinity
  readonly #counts = { events: 0, rejects: 0, duplicates: 0 }

  constructor(
    simulation: SimulationRow,
    rejects: readonly (IndexedReject & { readonly id: number })[],
  ) {
    this.simulation = simulation
    this.rejects = new Map(
      rejects.map((reject) => [placeKey(reject.segment, reject.offset), reject]),
    )
  }

  /** What came by so far. */
  counts(): LineCounts {
    return { ...this.#counts }
  }

  addEvent(id: number, event: DecodedLine): void {
    this.#counts.events++
    this.matched.add(id)
    if (this.last === undefined || compareEvents(this.last, event) < 0) this.last = event
    this.firstTimestamp = Math.min(this.firstTimestamp, event.timestamp)
    this.firstTurn = Math.min(this.firstTurn, event.turn)
    this.lastTurn = Math.max(this.lastTurn, event.turn)
  }

  addDuplicate(): void {
    this.#counts.duplicates++
  }

  /** @returns in what the sidecar differs from this line, which is no event */
  takeReject({ segment, offset, length, reason }: IndexedReject): string | undefined {
    this.#counts.rejects++
    const key = placeKey(segment, offset)
    const kept = this.rejects.get(key)
    this.rejects.delete(key)
    if (kept === undefined) return 'the line is no event, but is not indexed as a reject'
    if (kept.length !== length) return `length is ${kept.length}, not ${length}`
    if (ownWords(kept.reason) !== ownWords(reason)) return `it is a reject because: ${reason}`
    return undefined
  }
}

/** What is wrong with a text that is not JSON is said by the JavaScript engine, and each says it otherwise. */
function ownWords(reason: string): string {
  return reason.startsWith('not JSON: ') ? 'not JSON' : reason
}

function placeKey(segment: string, offset: number): string {
  return `${segment} ${offset}`
}

interface RowAndLine {
  readonly row: IndexedEvent
  readonly causes: readonly IndexedCause[]
  readonly decoded: DecodedLine
  readonly length: number
  readonly line: string
}

const COMPARED_COLUMNS = [
  'timestamp',
  'turn',
  'type',
  'kind',
  'agentId',
  'shape',
  'causedBy',
  'description',
  'details',
  'raw',
] as const

/** In what a row differs from its line. */
export function* compareRow(
  { row, causes, decoded, length, line }: RowAndLine,
  simulationName: string,
): Generator<string> {
  if (lineOf(row, simulationName) !== line) yield 'the sidecar gives another line'
  if (row.length !== length) yield `length is ${row.length}, not ${length}`
  const said = asSpelled(row)
  for (const column of COMPARED_COLUMNS) {
    if (said[column] === decoded[column]) continue
    yield `${column} is ${JSON.stringify(said[column])}, not ${JSON.stringify(decoded[column])}`
  }
  const participants = JSON.stringify([...decoded.participants].sort())
  if ((row.participants ?? '[]') !== participants) {
    yield `its participants are ${row.participants ?? '[]'}, not ${participants}`
  }
  const kept = causes.map(({ eventId }) => eventId)
  if (JSON.stringify(kept.sort()) !== JSON.stringify([...decoded.causes].sort())) {
    yield `its causes are ${JSON.stringify(kept)}, not ${JSON.stringify(decoded.causes)}`
  }
  for (const { eventId, isHere } of causes) {
    if (isHere === 1) yield `its cause ${eventId} is kept as missing, but is indexed`
  }
}

/** Whether a line says what the indexed copy of its event says. */
export function saysTheSame(row: IndexedEvent, line: string, simulationName: string): boolean {
  try {
    return isSameJson(lineOf(row, simulationName) ?? '', line)
  } catch (error) {
    // The row spells no JSON, so it was tampered with; that is reported where its own line is.
    if (error instanceof SyntaxError) return false
    throw error
  }
}

/** A row with its parts as the line spells them, as far as there is sense in them. */
function asSpelled(row: IndexedEvent): IndexedEvent {
  try {
    return { ...row, causedBy: wholeCausedBy(row), details: wholeDetails(row) }
  } catch (error) {
    if (error instanceof RangeError) return row
    throw error
  }
}

/** The line of a row, unless its columns hold what no line can be spelled from. */
function lineOf(row: IndexedEvent, simulationName: string): string | undefined {
  try {
    return encodeLine(row, simulationName)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
