import type { z } from 'zod'
import { createEventIdSource } from './event-id.js'
import {
  type ActionEvent,
  actionEventSchema,
  type DecisionEvent,
  decisionEventSchema,
  type DetailEvent,
  detailEventSchema,
  type MilestoneEvent,
  milestoneEventSchema,
  type MilestoneType,
  type StateEvent,
  type StateScope,
  stateEventSchema,
  type SystemEvent,
  type SystemStatus,
  systemEventSchema,
  type TurnlogEvent,
} from './event-schema.js'
import { createClock, formatTimestamp } from './timestamp.js'
import { validateAs } from './validate-event.js'

/** What every event has, whatever its type. */
export interface EventOptions {
  /** The run this belongs to: the `simulationId` of its writer. */
  readonly simulationId: string
  /** The turn, counted from 0. */
  readonly turnNumber: number
  /** Ids of the events that brought this one about. */
  readonly causedBy?: readonly string[] | undefined
  /** A sentence for people, at most 500 characters. */
  readonly description?: string | undefined
  /** Keys of your own, recorded in `details` behind those of the type, which they cannot replace. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** Options of {@link createMilestoneEvent}. */
export interface MilestoneOptions extends EventOptions {
  readonly milestoneType: MilestoneType
}

/** Options of {@link createDecisionEvent}. */
export interface DecisionOptions extends EventOptions {
  readonly agentId: string
  readonly decisionType: string
  readonly oldValue?: unknown
  readonly newValue?: unknown
}

/** Options of {@link createActionEvent}. */
export interface ActionOptions extends EventOptions {
  readonly agentId: string
  readonly actionType: string
  readonly actionPayload: Readonly<Record<string, unknown>>
  /** For an interaction between agents: its kind. */
  readonly interactionType?: string | undefined
  /** For an interaction: everyone who takes part, the acting agent included. */
  readonly participatingAgentIds?: readonly string[] | undefined
}

/** Options of {@link createStateEvent}. */
export interface StateOptions extends EventOptions {
  /** The agent whose variable it is; left out for the world's own. */
  readonly agentId?: string | undefined
  readonly variableName: string
  readonly oldValue: unknown
  readonly newValue: unknown
  readonly scope?: StateScope | undefined
}

/** Options of {@link createDetailEvent}. */
export interface DetailOptions extends EventOptions {
  readonly agentId?: string | undefined
  readonly calculationType: string
  readonly intermediateValues: Readonly<Record<string, unknown>>
}

/** Options of {@link createSystemEvent}. */
export interface SystemOptions extends EventOptions {
  readonly status: SystemStatus
  readonly errorType?: string | undefined
  readonly retryCount?: number | undefined
}

const now = createClock()
const nextId = createEventIdSource()

/**
 * Marks a point in the course of the simulation.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createMilestoneEvent(options: MilestoneOptions): MilestoneEvent {
  return build(milestoneEventSchema, 'MILESTONE', options, undefined, {
    milestone_type: options.milestoneType,
  })
}

/**
 * Records an agent's decision and, where known, what it replaces.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createDecisionEvent(options: DecisionOptions): DecisionEvent {
  return build(decisionEventSchema, 'DECISION', options, options.agentId, {
    decision_type: options.decisionType,
    old_value: options.oldValue,
    new_value: options.newValue,
  })
}

/**
 * Records an agent's action or, with participants, an interaction.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createActionEvent(options: ActionOptions): ActionEvent {
  return build(actionEventSchema, 'ACTION', options, options.agentId, {
    action_type: options.actionType,
    action_payload: options.actionPayload,
    interaction_type: options.interactionType,
    participating_agent_ids: options.participatingAgentIds,
  })
}

/**
 * Records a variable that took a new value; undefined is written as null.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createStateEvent(options: StateOptions): StateEvent {
  return build(stateEventSchema, 'STATE', options, options.agentId, {
    variable_name: options.variableName,
    old_value: options.oldValue ?? null,
    new_value: options.newValue ?? null,
    scope: options.scope,
  })
}

/**
 * Records the inside of a calculation.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createDetailEvent(options: DetailOptions): DetailEvent {
  return build(detailEventSchema, 'DETAIL', options, options.agentId, {
    calculation_type: options.calculationType,
    intermediate_values: options.intermediateValues,
  })
}

/**
 * Records a matter of the machinery: an LLM call, an error, a retry, a validation failure.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createSystemEvent(options: SystemOptions): SystemEvent {
  return build(systemEventSchema, 'SYSTEM', options, undefined, {
    status: options.status,
    error_type: options.errorType,
    retry_count: options.retryCount,
  })
}

/** Puts the wire shape together in the order the lines have, leaving out what was not given. */
function build<E extends TurnlogEvent>(
  schema: z.ZodType<E>,
  type: E['event_type'],
  options: EventOptions,
  agentId: string | undefined,
  typeDetails: Readonly<Record<string, unknown>>,
): E {
  const at = now()
  return validateAs(
    schema,
    given({
      event_id: nextId(at),
      timestamp: formatTimestamp(at),
      turn_number: options.turnNumber,
      event_type: type,
      simulation_id: options.simulationId,
      agent_id: agentId,
      caused_by: options.causedBy,
      description: options.description,
      details: mergeDetails(given(typeDetails), options.details),
    }),
  )
}

/** What is no object is left for validation to name. */
function mergeDetails(typeDetails: object, own: unknown): unknown {
  if (own === undefined) return typeDetails
  if (typeof own !== 'object' || own === null || Array.isArray(own)) return own
  return { ...typeDetails, ...given(own), ...typeDetails }
}

/** The fields that were given; `__proto__` is a key like any other. */
function given(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
