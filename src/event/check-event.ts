import { isUlid } from './event-id.js'
import {
  type EventOf,
  MAX_DESCRIPTION_LENGTH,
  MILESTONE_TYPES,
  STATE_SCOPES,
  SYSTEM_STATUSES,
  type TurnlogEvent,
} from './event-schema.js'
import { type EventType, isEventType } from './event-type.js'
import { isCanonicalTimestamp } from './timestamp.js'

type Fields = Readonly<Record<string, unknown>>

const MILESTONES = new Set<unknown>(MILESTONE_TYPES)
const STATUSES = new Set<unknown>(SYSTEM_STATUSES)
const SCOPES = new Set<unknown>(STATE_SCOPES)

/** Whether an event of each type may, must or must not name an agent. */
const AGENT: Readonly<Record<EventType, 'never' | 'optional' | 'always'>> = {
  MILESTONE: 'never',
  DECISION: 'always',
  ACTION: 'always',
  STATE: 'optional',
  DETAIL: 'optional',
  SYSTEM: 'never',
}

const DETAILS: Readonly<Record<EventType, (details: Fields) => boolean>> = {
  MILESTONE: (details) => MILESTONES.has(details['milestone_type']),
  DECISION: (details) => isName(details['decision_type']),
  ACTION: (details) =>
    isName(details['action_type']) &&
    isPlainObject(details['action_payload']) &&
    isOptional(isName, details['interaction_type']) &&
    isOptional(isNames, details['participating_agent_ids']),
  STATE: (details) =>
    isName(details['variable_name']) &&
    isJsonValue(details['old_value']) &&
    isJsonValue(details['new_value']) &&
    isOptional(isScope, details['scope']),
  DETAIL: (details) =>
    isName(details['calculation_type']) && isPlainObject(details['intermediate_values']),
  SYSTEM: (details) =>
    STATUSES.has(details['status']) &&
    isOptional(isName, details['error_type']) &&
    isOptional(isCount, details['retry_count']),
}

/**
 * Whether an event is valid beyond doubt: a quick look for the hot path, many
 * times as fast as the schema. What it accepts, `eventSchema` accepts; what it
 * does not accept is for the schema to judge.
 */
export function isPlainlyValid(event: unknown): event is TurnlogEvent {
  if (!isPlainObject(event)) return false
  const type = event['event_type']
  return (
    isEventType(type) &&
    isUlid(event['event_id']) &&
    isTimestamp(event['timestamp']) &&
    hasOnlyKnownKeys(event, type) &&
    isFilledIn(event, type)
  )
}

/**
 * The same for an event just put together with an id, a timestamp and the keys
 * of its type: whether what it was filled with is valid.
 */
export function isFilledIn<T extends EventType>(event: Fields, type: T): event is EventOf<T> {
  const details = event['details']
  return (
    isCount(event['turn_number']) &&
    isName(event['simulation_id']) &&
    isAgent(type, event['agent_id']) &&
    isOptional(isNames, event['caused_by']) &&
    isOptional(isDescription, event['description']) &&
    isPlainObject(details) &&
    DETAILS[type](details)
  )
}

function hasOnlyKnownKeys(event: Fields, type: EventType): boolean {
  for (const key in event) {
    switch (key) {
      case 'event_id':
      case 'timestamp':
      case 'turn_number':
      case 'event_type':
      case 'simulation_id':
      case 'caused_by':
      case 'description':
      case 'details':
        break
      case 'agent_id':
        if (AGENT[type] === 'never') return false
        break
      default:
        return false
    }
  }
  return true
}

function isAgent(type: EventType, agentId: unknown): boolean {
  return agentId === undefined ? AGENT[type] !== 'always' : isName(agentId)
}

function isPlainObject(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  return Object.getPrototypeOf(value) === Object.prototype
}

function isOptional(check: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || check(value)
}

function isTimestamp(value: unknown): boolean {
  return typeof value === 'string' && isCanonicalTimestamp(value)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.isWellFormed()
}

function isNames(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  // Not every(), which passes over holes.
  for (const name of value as unknown[]) if (!isName(name)) return false
  return true
}

function isDescription(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_DESCRIPTION_LENGTH && value.isWellFormed()
}

function isScope(value: unknown): boolean {
  return SCOPES.has(value)
}

function isJsonValue(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol'
}
