import { TurnlogError } from '../errors.js'
import type { CustomType } from '../event/custom-type.js'
import type { EventId } from '../event/event-id.js'
import type { TurnlogEvent } from '../event/event-schema.js'
import { invalidEvent, validateEvent } from '../event/validate-event.js'
import { MAX_LINE_BYTES } from '../segment/block-reader.js'

/** UTF-8 bytes a UTF-16 code unit can take. */
const MAX_BYTES_PER_UNIT = 3

/** What the events of one writer must be like, beside the rules of their types. */
export interface EventRules {
  readonly simulationId: string
  readonly customTypes: readonly CustomType[]
}

/**
 * Checks an event that is to be recorded.
 *
 * @throws TurnlogError EVENT_INVALID naming every field that is wrong
 */
export function checkEvent(event: TurnlogEvent, { simulationId, customTypes }: EventRules): void {
  validateEvent(event)
  if (event.simulation_id !== simulationId) {
    const why = `simulation_id: is "${event.simulation_id}", this writer records "${simulationId}"`
    throw invalidEvent(event, why)
  }
  for (const type of customTypes) if (type.covers(event)) type.check(event)
}

/**
 * Spells the line of an event, without the newline.
 *
 * @param causedBy what stands in the place of its own `caused_by`
 * @param maxQueueBytes that the line must fit, the newline included
 * @throws TurnlogError EVENT_INVALID, or EVENT_TOO_LARGE for a line that the
 *   queue cannot hold or no reader would take as an event
 */
export function spellLine(
  event: TurnlogEvent,
  causedBy: readonly EventId[] | undefined,
  maxQueueBytes: number,
): string {
  const { event_id, timestamp, turn_number, event_type, simulation_id } = event
  const { description, details } = event
  if ('toJSON' in details) {
    throw invalidEvent(event, 'details: has a toJSON, which would be recorded in its place')
  }
  const agent_id = 'agent_id' in event ? event.agent_id : undefined
  const base = { event_id, timestamp, turn_number, event_type, simulation_id, agent_id }
  const line = spell(event, { ...base, caused_by: causedBy, description, details })
  assertFits(event, line, maxQueueBytes)
  return line
}

function spell(event: TurnlogEvent, fields: object): string {
  try {
    return JSON.stringify(fields)
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw invalidEvent(event, `it cannot be written as JSON: ${why}`, cause)
  }
}

function assertFits(event: TurnlogEvent, line: string, maxQueueBytes: number): void {
  const most = Math.min(maxQueueBytes - 1, MAX_LINE_BYTES)
  if (line.length * MAX_BYTES_PER_UNIT <= most) return
  const bytes = Buffer.byteLength(line)
  if (bytes <= most) return
  const isQueue = most < MAX_LINE_BYTES
  throw new TurnlogError('EVENT_TOO_LARGE', {
    message: isQueue
      ? `${event.event_type} event ${event.event_id} takes ${bytes + 1} bytes, the queue holds ${maxQueueBytes}`
      : `${event.event_type} event ${event.event_id} takes ${bytes} bytes, a line has ${most} at most`,
    hint: `keep large payloads in files of their own and record their path${isQueue ? ', or raise maxQueueBytes' : ''}`,
  })
}
