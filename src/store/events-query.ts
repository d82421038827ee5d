import { z } from 'zod'
import { TurnlogError } from '../errors.js'
import type { RecordedEventType } from '../event/event-type.js'
import { nearestName } from '../nearest-name.js'
import { causalityFields } from '../query/causality-fields.js'
import { checkCursor, eventsFields, eventsRequestOf } from '../query/events-fields.js'
import { ANY_COUNT, integer } from '../query/field-values.js'
import { checkBounds } from '../query/filter-fields.js'
import { parseFields } from '../query/parse-fields.js'
import type { AllEventsRequest } from '../query/read-all-events.js'
import type { TraceRequest } from '../query/trace-causality.js'

/** An instant: a `Date`, or ISO 8601 text, which can name microseconds. */
export type Instant = Date | string

/**
 * Which events; an event must pass all that are given. The names are those of the API's
 * parameters, and mean what docs/api.md says of them.
 */
export interface EventFilter {
  readonly start_timestamp?: Instant | undefined
  readonly end_timestamp?: Instant | undefined
  readonly turn_start?: number | undefined
  readonly turn_end?: number | undefined
  readonly event_types?: readonly RecordedEventType[] | undefined
  readonly agent_ids?: readonly string[] | undefined
  readonly kinds?: readonly string[] | undefined
  readonly involving?: readonly string[] | undefined
  /** Words that are all in their description or details; `"two words"`, `begin*`, `-without`. */
  readonly q?: string | undefined
  /** The value at a place of the details: `{ 'details.action_payload.good': 'grain' }`. */
  readonly [path: `details.${string}`]: string | number | boolean | null | undefined
}

/** Which events, in which order. */
export interface EventsQuery extends EventFilter {
  /** By (timestamp, event_id): the earliest first, unless it is `desc`. */
  readonly order?: 'asc' | 'desc' | undefined
  /** Events in all; every match unless told otherwise. */
  readonly limit?: number | undefined
  /** Matching events to leave out first; not together with a cursor. */
  readonly offset?: number | undefined
  /** Where to go on: `next_cursor` of a page of the API. */
  readonly cursor?: string | undefined
}

/** Keys that events are to have; the others are left out. */
export interface Fields {
  readonly fields: readonly string[]
}

/** How far causality is walked. */
export interface CausalityQuery {
  /** Steps from the event, from 1 to 20; 5 unless told otherwise. */
  readonly depth?: number | undefined
  /** `both` unless told otherwise. */
  readonly direction?: 'upstream' | 'downstream' | 'both' | undefined
  /** Events in each direction, the nearest first, from 1 to 10000; 1000 unless told otherwise. */
  readonly max_nodes?: number | undefined
}

const eventsSchema = z
  .strictObject({ ...eventsFields, limit: integer(ANY_COUNT, 'Events in all.').optional() })
  .superRefine(checkBounds, { when: () => true })
  .superRefine(checkCursor, { when: () => true })

const causalitySchema = z.strictObject(causalityFields)

/** @throws TurnlogError FILTER_INVALID naming every field that is wrong */
export function readEventsQuery(query: EventsQuery & Partial<Fields>): AllEventsRequest {
  const given = readQuery(eventsSchema, query)
  return { ...eventsRequestOf(given), limit: given.limit }
}

/** @throws TurnlogError FILTER_INVALID naming every field that is wrong */
export function readCausalityQuery(query: CausalityQuery): TraceRequest {
  const { depth, direction, max_nodes: maxNodes } = readQuery(causalitySchema, query)
  return { depth, direction, maxNodes }
}

const FAMILY = 'details.'

/** Spells a query as the texts its schema reads, so that nothing is checked in two ways. */
function readQuery<S extends z.ZodObject>(schema: S, query: unknown): z.infer<S> {
  if (typeof query !== 'object' || query === null) {
    throw invalid(`a query must be an object, not ${String(query)}`)
  }
  const given: Record<string, unknown> = {}
  const details: [path: string, value: string][] = []
  const problems: string[] = []
  for (const [field, value] of Object.entries(query)) {
    if (value === undefined) continue
    if (field.startsWith(FAMILY)) details.push([field.slice(FAMILY.length), String(value)])
    else if (Array.isArray(value) && value.length === 0) problems.push(`${field} must not be empty`)
    else if (Object.hasOwn(schema.shape, field)) given[field] = spell(value)
    else problems.push(unknownField(field, Object.keys(schema.shape)))
  }
  if (details.length > 0) given['details.<path>'] = details
  const parsed = parseFields(schema, given)
  if (parsed.problems === undefined && problems.length === 0) return parsed.values
  for (const { field, value, message } of parsed.problems ?? []) {
    const said = value === undefined ? '' : ` ${JSON.stringify(value)}`
    problems.push(`${field}${said} ${message}`)
  }
  throw invalid(problems.join('; '))
}

function invalid(message: string): TurnlogError {
  return new TurnlogError('FILTER_INVALID', {
    message,
    hint: 'the fields are the parameters of the HTTP API; docs/library.md lists them',
  })
}

function spell(value: unknown): unknown {
  if (typeof value === 'number') return String(value)
  if (!(value instanceof Date)) return value
  // A date that is none has no ISO form; its text is refused as every other one that is none.
  return Number.isNaN(value.getTime()) ? String(value) : value.toISOString()
}

function unknownField(field: string, known: readonly string[]): string {
  const nearest = nearestName(field, known)
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return `${JSON.stringify(field)} is not a field of this query${hint}`
}
