import type { z } from 'zod'
import { TurnlogError } from '../errors.js'
import { eventSchema, type TurnlogEvent } from './event-schema.js'

/**
 * Holds an event against the rules of its type.
 *
 * @returns the same event
 * @throws TurnlogError EVENT_INVALID naming every field that is wrong
 */
export function validateEvent(event: unknown): TurnlogEvent {
  const result = eventSchema.safeParse(event)
  if (result.success) return event as TurnlogEvent
  throw invalidEvent(event, describeIssues(result.error.issues))
}

/** The error for an event that cannot be recorded, saying which event and why. */
export function invalidEvent(event: unknown, why: string, cause?: unknown): TurnlogError {
  return new TurnlogError('EVENT_INVALID', {
    message: `${nameOf(event)} is not valid: ${why}`,
    hint: 'build events with createMilestoneEvent … createSystemEvent; docs/format.md has the rules',
    cause,
  })
}

function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ')
}

function nameOf(event: unknown): string {
  if (typeof event !== 'object' || event === null) return 'an event'
  const { event_type: type, event_id: id } = event as Partial<Record<string, unknown>>
  return [typeof type === 'string' ? type : 'an', 'event', typeof id === 'string' ? id : '']
    .join(' ')
    .trim()
}
