import { CanonicalLines } from './canonical-lines.js'
import {
  type EventTypeCode,
  eventTypeCode,
  eventTypeOfCode,
  KIND_KEYS,
  type RecordedEventType,
} from './event-type.js'
import { topLevelSpans } from './json-spans.js'
import {
  ABSENT,
  type DecodedLine,
  type LineParts,
  NAMES_SIMULATION,
  namesIn,
  NO_NAMES,
  NULL,
  PARTICIPANTS_KEY,
  shapeOf,
} from './line-parts.js'
import { wholeCausedBy, wholeDetails } from './stored-parts.js'
import { formatTimestamp, parseTimestamp, type TimestampMicros } from './timestamp.js'

/** Why a complete line is no event. */
export interface LineProblem {
  readonly problem: string
}

/**
 * Reads one line leniently: it needs event_id, timestamp, turn_number and
 * event_type; everything else is kept as it was written.
 *
 * @param line the text between two newlines, without them
 * @param simulationId the name of the run's directory
 */
export function decodeLine(line: string, simulationId: string): DecodedLine | LineProblem {
  // Half of a surrogate pair would be another character in bytes.
  if (!line.isWellFormed()) return decodeAnyLine(line, simulationId)
  const bytes = Buffer.from(`${line}\n`)
  return new LineDecoder(bytes, simulationId).decode(0, bytes.length - 1)
}

/** {@link decodeLine} for lines that stand in UTF-8, a newline behind each. */
export class LineDecoder {
  readonly #bytes: Buffer
  readonly #simulationId: string
  readonly #canonical: CanonicalLines

  constructor(bytes: Buffer, simulationId: string) {
    this.#bytes = bytes
    this.#simulationId = simulationId
    this.#canonical = new CanonicalLines(bytes, simulationId)
  }

  /** Reads the line from `start` to `end`. */
  decode(start: number, end: number): DecodedLine | LineProblem {
    if (this.#canonical.find(start, end)) return this.#canonical.decoded()
    return decodeAnyLine(this.#bytes.toString('utf8', start, end), this.#simulationId)
  }
}

/** {@link decodeLine} for a line in whatever order and spelling, at the price of parsing it. */
export function decodeAnyLine(line: string, simulationId: string): DecodedLine | LineProblem {
  const fields = parseObject(line)
  if ('problem' in fields) return fields
  const required = readRequired(fields.object)
  if ('problem' in required) return required

  const { object } = fields
  const spans = topLevelSpans(line)
  const spelled = (key: string): string | null => {
    const value = object[key]
    const span = spans.get(key)
    return value === undefined || value === null || span === undefined
      ? null
      : line.slice(span.start, span.end)
  }
  const decoded = {
    eventId: required.eventId,
    timestamp: required.timestamp,
    turn: required.turn,
    type: required.type,
    agentId: textOrNull(object['agent_id']),
    causedBy: spelled('caused_by'),
    description: textOrNull(object['description']),
    details: spelled('details'),
    shape: shapeOf(object),
    raw: null,
    kind: kindOf(required.typeName, object['details']),
    causes: causesOf(object['caused_by']),
    participants: participantsOf(object['details']),
  }
  return encodeLine(decoded, simulationId) === line ? decoded : { ...decoded, raw: line }
}

/** Spells a line again from its parts. */
export function encodeLine(parts: LineParts, simulationId: string): string {
  if (parts.raw !== null) return parts.raw
  const { shape } = parts
  let line = `{"event_id":${quote(parts.eventId)},"timestamp":"${formatTimestamp(parts.timestamp)}","turn_number":${parts.turn},"event_type":"${eventTypeOfCode(parts.type)}"`
  if (shape >= NAMES_SIMULATION) line += `,"simulation_id":${quote(simulationId)}`
  line += field(',"agent_id":', shape % 3, parts.agentId, quote)
  line += field(',"caused_by":', Math.floor(shape / 3) % 3, wholeCausedBy(parts), verbatim)
  line += field(',"description":', Math.floor(shape / 9) % 3, parts.description, quote)
  line += field(',"details":', Math.floor(shape / 27) % 3, wholeDetails(parts), verbatim)
  return `${line}}`
}

function field(
  key: string,
  presence: number,
  value: string | null,
  spell: (value: string) => string,
): string {
  if (presence === ABSENT) return ''
  return key + (presence === NULL || value === null ? 'null' : spell(value))
}

/** What stands in JSON as it is; of a surrogate that depends on its neighbours. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/

/** As JSON.stringify does, in half the time where nothing is to be escaped. */
function quote(value: string): string {
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value)
}

function verbatim(value: string): string {
  return value
}

type JsonObject = Readonly<Record<string, unknown>>

function parseObject(line: string): { readonly object: JsonObject } | LineProblem {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    return { problem: notJson(line, error) }
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return { object: value as JsonObject }
  }
  return { problem: `not a JSON object but ${describe(value)}` }
}

/** The parser quotes a piece of the line, and may cut it within a surrogate pair. */
function notJson(line: string, error: unknown): string {
  if (line.trim() === '') return 'an empty line'
  return `not JSON: ${error instanceof Error ? error.message.toWellFormed() : String(error)}`
}

interface RequiredFields {
  readonly eventId: string
  readonly timestamp: TimestampMicros
  readonly turn: number
  readonly type: EventTypeCode
  readonly typeName: RecordedEventType
}

function readRequired(object: JsonObject): RequiredFields | LineProblem {
  const {
    event_id: eventId,
    timestamp: timestampText,
    turn_number: turn,
    event_type: typeName,
  } = object
  if (!isEventId(eventId)) {
    return { problem: `event_id must be a non-empty string, not ${describe(eventId)}` }
  }
  if (typeof timestampText !== 'string') {
    return { problem: `timestamp must be a string, not ${describe(timestampText)}` }
  }
  const timestamp = parseTimestamp(timestampText)
  if (timestamp === undefined) {
    return {
      problem: `timestamp ${describe(timestampText)} is not an ISO 8601 date and time between 1685 and 2254`,
    }
  }
  if (typeof turn !== 'number' || !Number.isSafeInteger(turn) || turn < 0) {
    return { problem: `turn_number must be an integer from 0, not ${describe(turn)}` }
  }
  const type = typeof typeName === 'string' ? eventTypeCode(typeName) : undefined
  if (type === undefined) {
    return { problem: `event_type must be a known type, not ${describe(typeName)}` }
  }
  return {
    eventId,
    timestamp,
    // -0 is a whole number to JavaScript and 0 to everyone else.
    turn: turn + 0,
    type,
    typeName: eventTypeOfCode(type),
  }
}

const MAX_SHOWN = 60

function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  const shown = JSON.stringify(value)
  return shown.length <= MAX_SHOWN ? shown : `${shown.slice(0, MAX_SHOWN).toWellFormed()}…`
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value.isWellFormed() ? value : null
}

function kindOf(type: RecordedEventType, details: unknown): string | null {
  if (typeof details !== 'object' || details === null) return null
  return textOrNull((details as JsonObject)[KIND_KEYS[type]])
}

function participantsOf(details: unknown): readonly string[] {
  if (typeof details !== 'object' || details === null) return NO_NAMES
  return namesIn((details as JsonObject)[PARTICIPANTS_KEY])
}

/** A lone string is taken as the one cause: better a link more than an ancestor missed. */
function causesOf(causedBy: unknown): readonly string[] {
  const named: readonly unknown[] = Array.isArray(causedBy) ? causedBy : [causedBy]
  return [...new Set(named.filter(isEventId))]
}

function isEventId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed()
}
