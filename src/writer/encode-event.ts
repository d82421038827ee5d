import { TurnlogError } from '../errors.js'
import type { TurnlogEvent } from '../event/event-schema.js'
import { invalidEvent, validateEvent } from '../event/validate-event.js'

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
 * @throws TurnlogError EVENT_INVALID or EVENT_TOO_LARGE
 */
export function encodeEvent(event: TurnlogEvent, limits: LineLimits): string {
  const { simulation_id: simulationId } = validateEvent(event)
  if (simulationId !== limits.simulationId) {
    const why = `simulation_id: is "${simulationId}", this writer records "${limits.simulationId}"`
    throw invalidEvent(event, why)
  }
  let line: string
  try {
    line = JSON.stringify(event)
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw invalidEvent(event, `it cannot be written as JSON: ${why}`, cause)
  }
  assertFits(event, line, limits)
  return line
}

function assertFits(event: TurnlogEvent, line: string, { maxQueueBytes }: LineLimits): void {
  if (line.length * MAX_BYTES_PER_UNIT < maxQueueBytes) return
  const bytes = Buffer.byteLength(line) + 1
  if (bytes <= maxQueueBytes) return
  throw new TurnlogError('EVENT_TOO_LARGE', {
    message: `${event.event_type} event ${event.event_id} takes ${bytes} bytes, the queue holds ${maxQueueBytes}`,
    hint: 'keep large payloads in files of their own and record their path, or raise maxQueueBytes',
  })
}
