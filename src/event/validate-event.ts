import type { z } from 'zod'
import { TurnlogError } from '../errors.js'
import { isFilledIn, isPlainlyValid } from './check-event.js'
import { EVENT_SCHEMAS, type EventOf, eventSchema, type TurnlogEvent } from './event-schema.js'
import type { EventType } from './event-type.js'

/**
 * Holds an event against the rules of its type.
 *
 * @returns the same event
 * @throws TurnlogError EVENT_INVALID naming every field that is wrong
 */
export function validateEvent(event: unknown): TurnlogEvent {
  if (isPlainlyValid(event)) return event
  assertMatches(eventSchema, event)
  return event
}

/**
 * Holds what an event was filled with against the rules of its type; its id,
 * its timestamp and the choice of its keys are the builder's own.
 *
 * @returns the same event
 * @throws TurnlogError EVENT_INVALID naming every field that is wrong
 */
export function validateFilledIn<T extends EventType>(
  event: Readonly<Record<string, unknown>>,
  type: T,
): EventOf<T> {
  if (isFilledIn(event, type)) return event
  assertMatches<EventOf<T>>(EVENT_SCHEMAS[type], event)
  return event
}

function assertMatches<E>(schema: z.ZodType<E>, event: unknown): asserts event is E {
  const { error } = schema.safeParse(event)
  if (error !== undefined) throw invalidEvent(event, describeIssues(error.issues))
}

/** The error for an event that cannot be recorded, saying which event and why. */
export function invalidEvent(event: unknown, why: string, cause?: unknown): TurnlogError {
  return new TurnlogError('EVENT_INVALID', {
    message: `${nameOf(event)} is not valid: ${why}`,
    hint: 'build events with createMilestoneEvent … createSystemEvent; docs/format.md has the rules',
    cause,
  })
}

/** What is wrong with each field, in one line. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ')
}

function nameOf(event: unknown): string {
  if (typeof event !== 'object' || event === null) return 'an event'
  let type: unknown
  let id: unknown
  try {
    ;({ event_type: type, event_id: id } = event as Partial<Record<string, unknown>>)
  } catch {
    return 'an event'
  }
  return [typeof type === 'string' ? type : 'an', 'event', typeof id === 'string' ? id : '']
    .join(' ')
    .trim()
}
