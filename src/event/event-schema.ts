import { z } from 'zod'
import type { EventType } from './event-type.js'
import { isCanonicalTimestamp } from './timestamp.js'

/** The longest description, in Unicode code points. */
export const MAX_DESCRIPTION_LENGTH = 500

/** 26 characters of Crockford base32; the first is at most 7, since a ULID has 128 bits. */
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

const text = z
  .string()
  .refine((value) => value.isWellFormed(), { error: 'must not hold half of a surrogate pair' })
const name = text.min(1)
const eventId = z.string().regex(ULID, { error: 'must be a ULID' })
const timestamp = z.string().refine(isCanonicalTimestamp, {
  error: 'must be ISO 8601 in UTC with microseconds, like 2025-10-04T14:23:45.123456+00:00',
})
const jsonObject = z.record(z.string(), z.unknown())
/** A value that must be given: JSON would leave its key out without a word. */
const jsonValue = z
  .unknown()
  .refine((value) => !['undefined', 'function', 'symbol'].includes(typeof value), {
    error: 'must be a value JSON has; null says that there is none',
  })

const base = {
  event_id: eventId,
  timestamp,
  turn_number: z.int().min(0),
  simulation_id: name,
  caused_by: z.array(name).optional(),
  description: text.max(MAX_DESCRIPTION_LENGTH).optional(),
}

/** What a MILESTONE marks. */
export const MILESTONE_TYPES = [
  'turn_start',
  'turn_end',
  'phase_transition',
  'simulation_start',
  'simulation_end',
] as const

/** How a SYSTEM matter ended. */
export const SYSTEM_STATUSES = ['success', 'failure', 'retry', 'warning'] as const

/** Whom a STATE variable belongs to. */
export const STATE_SCOPES = ['global', 'agent'] as const

/** A point in the course of the simulation; no agent's doing. */
export const milestoneEventSchema = z.strictObject({
  ...base,
  event_type: z.literal('MILESTONE'),
  details: z.looseObject({ milestone_type: z.enum(MILESTONE_TYPES) }),
})

/** An agent making up its mind. */
export const decisionEventSchema = z.strictObject({
  ...base,
  event_type: z.literal('DECISION'),
  agent_id: name,
  details: z.looseObject({
    decision_type: name,
    old_value: z.unknown().optional(),
    new_value: z.unknown().optional(),
  }),
})

/** An agent acting; an interaction names everyone who takes part. */
export const actionEventSchema = z.strictObject({
  ...base,
  event_type: z.literal('ACTION'),
  agent_id: name,
  details: z.looseObject({
    action_type: name,
    action_payload: jsonObject,
    interaction_type: name.optional(),
    participating_agent_ids: z.array(name).optional(),
  }),
})

/** A variable of the world, or of one agent, taking a new value. */
export const stateEventSchema = z.strictObject({
  ...base,
  event_type: z.literal('STATE'),
  agent_id: name.optional(),
  details: z.looseObject({
    variable_name: name,
    old_value: jsonValue,
    new_value: jsonValue,
    scope: z.enum(STATE_SCOPES).optional(),
  }),
})

/** The inside of a calculation. */
export const detailEventSchema = z.strictObject({
  ...base,
  event_type: z.literal('DETAIL'),
  agent_id: name.optional(),
  details: z.looseObject({ calculation_type: name, intermediate_values: jsonObject }),
})

/** The machinery around the simulation: LLM calls, errors, retries, events that were lost. */
export const systemEventSchema = z.strictObject({
  ...base,
  event_type: z.literal('SYSTEM'),
  details: z.looseObject({
    status: z.enum(SYSTEM_STATUSES),
    error_type: name.optional(),
    retry_count: z.int().min(0).optional(),
  }),
})

/** An event of any type, as a writer accepts it. */
export const eventSchema = z.discriminatedUnion('event_type', [
  milestoneEventSchema,
  decisionEventSchema,
  actionEventSchema,
  stateEventSchema,
  detailEventSchema,
  systemEventSchema,
])

/** The rules of each type. */
export const EVENT_SCHEMAS: { readonly [T in EventType]: z.ZodType<EventOf<T>> } = {
  MILESTONE: milestoneEventSchema,
  DECISION: decisionEventSchema,
  ACTION: actionEventSchema,
  STATE: stateEventSchema,
  DETAIL: detailEventSchema,
  SYSTEM: systemEventSchema,
}

/** A MILESTONE as it is written. */
export type MilestoneEvent = z.infer<typeof milestoneEventSchema>
/** A DECISION as it is written. */
export type DecisionEvent = z.infer<typeof decisionEventSchema>
/** An ACTION as it is written. */
export type ActionEvent = z.infer<typeof actionEventSchema>
/** A STATE as it is written. */
export type StateEvent = z.infer<typeof stateEventSchema>
/** A DETAIL as it is written. */
export type DetailEvent = z.infer<typeof detailEventSchema>
/** A SYSTEM event as it is written. */
export type SystemEvent = z.infer<typeof systemEventSchema>
/** An event of any type, as it is written. */
export type TurnlogEvent = z.infer<typeof eventSchema>
/** An event of one type. */
export type EventOf<T extends EventType> = Extract<TurnlogEvent, { event_type: T }>
/** A point in the course of a simulation. */
export type MilestoneType = (typeof MILESTONE_TYPES)[number]
/** How a SYSTEM matter ended. */
export type SystemStatus = (typeof SYSTEM_STATUSES)[number]
/** Whom a STATE variable belongs to. */
export type StateScope = (typeof STATE_SCOPES)[number]
