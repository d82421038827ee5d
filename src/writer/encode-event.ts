import { TurnlogError } from '../errors.js'
import type { TurnlogEvent } from '../event/event-schema.js'
import { invalidEvent, validateEvent } from '../event/validate-event.js'
import { MAX_LINE_BYTES } from '../segment/block-reader.js'

/** UTF-8 bytes a UTF-16 code unit can take. */
const MAX_BYTES_PER_UNIT = 3

/** What a line must fit. */
export interface LineLimits {
  readonly simulationId: string
  /** Bytes, the newline included. */
  readonly maxQueueBytes: number
}

/**
 * Checks an event and spells its line, without the newline.
 *
 * @throws TurnlogError EVENT_INVALID, or EVENT_TOO_LARGE for a line that the
 *   queue cannot hold or no reader would take as an event
 */
export function encodeEvent(event: TurnlogEvent, limits: LineLimits): string {
  const { simulation_id: simulationId } = validateEvent(event)
  if (simulationId !== limits.simulationId) {
    const why = `simulation_id: is "${simulationId}", this writer records "${limits.simulationId}"`
    throw invalidEvent(event, why)
  }
  const line = spell(event)
  assertFits(event, line, limits)
  return line
}

function spell(event: TurnlogEvent): string {
  try {
    // Nothing, where the event has a toJSON that gives nothing.
    const line: unknown = JSON.stringify(event)
    if (typeof line === 'string') return line
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw invalidEvent(event, `it cannot be written as JSON: ${why}`, cause)
  }
  throw invalidEvent(event, 'its toJSON() gives nothing')
}

function assertFits(event: TurnlogEvent, line: string, { maxQueueBytes }: LineLimits): void {
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
