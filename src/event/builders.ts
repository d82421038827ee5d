import { createEventIdSource } from './event-id.js'
import {
  type ActionEvent,
  type DecisionEvent,
  type DetailEvent,
  type EventOf,
  type MilestoneEvent,
  type MilestoneType,
  type StateEvent,
  type StateScope,
  type SystemEvent,
  type SystemStatus,
} from './event-schema.js'
import type { EventType } from './event-type.js'
import { createClock, formatTimestamp } from './timestamp.js'
import { validateFilledIn } from './validate-event.js'

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

type Fields = Record<string, unknown>

const now = createClock()
const nextId = createEventIdSource()

/**
 * Marks a point in the course of the simulation.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createMilestoneEvent(options: MilestoneOptions): MilestoneEvent {
  return build('MILESTONE', options, undefined, {
    milestone_type: options.milestoneType,
  })
}

/**
 * Records an agent's decision and, where known, what it replaces.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createDecisionEvent(options: DecisionOptions): DecisionEvent {
  const { agentId, decisionType, oldValue, newValue } = options
  const details: Fields = { decision_type: decisionType }
  if (oldValue !== undefined) details['old_value'] = oldValue
  if (newValue !== undefined) details['new_value'] = newValue
  return build('DECISION', options, agentId, details)
}

/**
 * Records an agent's action or, with participants, an interaction.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createActionEvent(options: ActionOptions): ActionEvent {
  const { agentId, actionType, actionPayload, interactionType, participatingAgentIds } = options
  const details: Fields = { action_type: actionType, action_payload: actionPayload }
  if (interactionType !== undefined) details['interaction_type'] = interactionType
  if (participatingAgentIds !== undefined) {
    details['participating_agent_ids'] = participatingAgentIds
  }
  return build('ACTION', options, agentId, details)
}

/**
 * Records a variable that took a new value; undefined is written as null.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createStateEvent(options: StateOptions): StateEvent {
  const { agentId, variableName, oldValue = null, newValue = null, scope } = options
  const details: Fields = { variable_name: variableName, old_value: oldValue, new_value: newValue }
  if (scope !== undefined) details['scope'] = scope
  return build('STATE', options, agentId, details)
}

/**
 * Records the inside of a calculation.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createDetailEvent(options: DetailOptions): DetailEvent {
  return build('DETAIL', options, options.agentId, {
    calculation_type: options.calculationType,
    intermediate_values: options.intermediateValues,
  })
}

/**
 * Records a matter of the machinery: an LLM call, an error, a retry, a validation failure.
 * @throws TurnlogError EVENT_INVALID naming every option that is wrong
 */
export function createSystemEvent(options: SystemOptions): SystemEvent {
  const { status, errorType, retryCount } = options
  const details: Fields = { status }
  if (errorType !== undefined) details['error_type'] = errorType
  if (retryCount !== undefined) details['retry_count'] = retryCount
  return build('SYSTEM', options, undefined, details)
}

/** Puts the wire shape together in the order the lines have, leaving out what was not given. */
function build<T extends EventType>(
  type: T,
  options: EventOptions,
  agentId: string | undefined,
  typeDetails: Fields,
): EventOf<T> {
  const { simulationId, turnNumber, causedBy, description, details } = options
  const at = now()
  const event: Fields = {
    event_id: nextId(at),
    timestamp: formatTimestamp(at),
    turn_number: turnNumber,
    event_type: type,
    simulation_id: simulationId,
  }
  if (agentId !== undefined) event['agent_id'] = agentId
  if (causedBy !== undefined) event['caused_by'] = causedBy
  if (description !== undefined) event['description'] = description
  event['details'] = details === undefined ? typeDetails : mergeDetails(typeDetails, details)
  return validateFilledIn(event, type)
}

/** What is no object is left for validation to name. */
function mergeDetails(typeDetails: Fields, own: unknown): unknown {
  if (typeof own !== 'object' || own === null || Array.isArray(own)) return own
  const merged: Fields = { ...typeDetails, ...own, ...typeDetails }
  for (const [key, value] of Object.entries(merged)) {
    if (value === undefined) Reflect.deleteProperty(merged, key)
  }
  return merged
}
