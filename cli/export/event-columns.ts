import { decodeLine } from '../../src/event/event-line.js'
import { eventTypeOfCode, type RecordedEventType } from '../../src/event/event-type.js'
import { topLevelSpans } from '../../src/event/json-spans.js'
import type { DecodedLine } from '../../src/event/line-parts.js'
import { wholeCausedBy, wholeDetails } from '../../src/event/stored-parts.js'
import type { TimestampMicros } from '../../src/event/timestamp.js'
import type { EventText } from '../../src/query/event-row.js'

/** An event as a row of a table. Absent and null are one here. */
export interface EventColumns {
  readonly event_id: string
  readonly timestamp: TimestampMicros
  readonly turn_number: number
  readonly event_type: RecordedEventType
  /** The type's own word: milestone_type, decision_type … */
  readonly kind: string | null
  readonly agent_id: string | null
  readonly caused_by: readonly string[] | null
  readonly description: string | null
  /** The JSON text as it was recorded. */
  readonly details: string | null
  /** A JSON object of everything the other columns do not tell, as it was recorded. */
  readonly other: string | null
}

/** Keys that have a column, or are the name of the run. */
const KNOWN_KEYS: ReadonlySet<string> = new Set([
  'event_id',
  'timestamp',
  'turn_number',
  'event_type',
  'simulation_id',
  'agent_id',
  'caused_by',
  'description',
  'details',
])

const FINER_THAN_MICROS = /\.\d{6}\d*[1-9]/

/**
 * Lays an event out in columns, with nothing lost but the spelling of its timestamp.
 *
 * @throws RangeError for a text that is no event: a damaged sidecar gave it
 */
export function toColumns(text: EventText, simulationId: string): EventColumns {
  const line = decodeLine(text, simulationId)
  if ('problem' in line) throw new RangeError(`an event cannot be read: ${line.problem}`)
  const causedBy = wholeCausedBy(line)
  const causes = causedBy === null ? null : parseCauses(causedBy)
  return {
    event_id: line.eventId,
    timestamp: line.timestamp,
    turn_number: line.turn,
    event_type: eventTypeOfCode(line.type),
    kind: line.kind,
    agent_id: line.agentId,
    caused_by: causes ?? null,
    description: line.description,
    details: wholeDetails(line),
    // A line whose parts spell it has no other keys.
    other: line.raw === null && causes !== undefined ? null : findOther(text, line, simulationId),
  }
}

/** Undefined for anything but a list of strings. */
function parseCauses(json: string): readonly string[] | undefined {
  const value: unknown = JSON.parse(json)
  if (!Array.isArray(value)) return undefined
  const causes = value.filter((cause) => typeof cause === 'string' && cause.isWellFormed())
  return causes.length === value.length ? (causes as string[]) : undefined
}

function findOther(text: string, line: DecodedLine, simulationId: string): string | null {
  const members: string[] = []
  for (const [key, { start, end }] of topLevelSpans(text)) {
    const value = text.slice(start, end)
    if (isTold(key, value, line, simulationId)) continue
    members.push(`${JSON.stringify(key)}:${value}`)
  }
  return members.length === 0 ? null : `{${members.join(',')}}`
}

/** Whether the columns tell what stands under a key, or there is nothing to be told. */
function isTold(key: string, value: string, line: DecodedLine, simulationId: string): boolean {
  if (!KNOWN_KEYS.has(key)) return false
  if (value === 'null') return true
  switch (key) {
    case 'agent_id':
      return line.agentId !== null
    case 'description':
      return line.description !== null
    case 'caused_by':
      return parseCauses(value) !== undefined
    case 'simulation_id':
      return JSON.parse(value) === simulationId
    case 'timestamp':
      return !FINER_THAN_MICROS.test(value)
    default:
      return true
  }
}
