import type { z } from 'zod'
import { createActionEvent, createDecisionEvent, type EventOptions } from './builders.js'
import type { ActionEvent, DecisionEvent, TurnlogEvent } from './event-schema.js'
import { describeIssues, invalidEvent } from './validate-event.js'

type Fields = Readonly<Record<string, unknown>>

/** What makes an event of a custom type. */
export interface CustomEventOptions<Details> extends Omit<EventOptions, 'details'> {
  readonly agentId: string
  /** As they are written, without the type's own word. */
  readonly details: Details
}

/**
 * An action or decision type of an author's own, whose `details` must match a
 * zod schema. The compiler checks what `create` is given; a writer that knows
 * the type (`customTypes`) checks every event of it. The schema only checks:
 * what it would transform is written as it was given.
 */
export abstract class CustomType {
  /** The type's own word. */
  readonly name: string
  readonly #eventType: 'ACTION' | 'DECISION'
  readonly #wordKey: 'action_type' | 'decision_type'
  readonly #schema: z.ZodType

  protected constructor(eventType: 'ACTION' | 'DECISION', name: string, schema: z.ZodType) {
    this.name = name
    this.#eventType = eventType
    this.#wordKey = eventType === 'ACTION' ? 'action_type' : 'decision_type'
    this.#schema = schema
  }

  /** As people read it: `ACTION trade`. */
  get label(): string {
    return `${this.#eventType} ${this.name}`
  }

  /** Whether a valid event is of this type. */
  covers(event: TurnlogEvent): boolean {
    const details: Fields = event.details
    return event.event_type === this.#eventType && details[this.#wordKey] === this.name
  }

  /**
   * @param event one of this type
   * @returns the same event
   * @throws TurnlogError EVENT_INVALID naming every key of its details that is wrong
   */
  check<E extends TurnlogEvent>(event: E): E {
    const details: Record<string, unknown> = { ...event.details }
    Reflect.deleteProperty(details, this.#wordKey)
    const issues = this.#issuesOf(event, details)
    if (issues.length === 0) return event
    const inDetails = issues.map((issue) => ({ ...issue, path: ['details', ...issue.path] }))
    throw invalidEvent(event, describeIssues(inDetails))
  }

  #issuesOf(event: TurnlogEvent, details: Fields): readonly z.core.$ZodIssue[] {
    try {
      return this.#schema.safeParse(details).error?.issues ?? []
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw invalidEvent(event, `the schema of ${this.label} failed: ${why}`, cause)
    }
  }
}

/** What every action has in its `details`, beside its type. */
export type ActionDetails = Fields & { readonly action_payload: Fields }

class ActionType<Details extends ActionDetails> extends CustomType {
  constructor(name: string, schema: z.ZodType) {
    super('ACTION', name, schema)
  }

  /** @throws TurnlogError EVENT_INVALID naming everything that is wrong */
  create(options: CustomEventOptions<Details>): ActionEvent {
    const { action_payload: actionPayload } = options.details
    return this.check(createActionEvent({ ...options, actionType: this.name, actionPayload }))
  }
}

class DecisionType<Details extends Fields> extends CustomType {
  constructor(name: string, schema: z.ZodType) {
    super('DECISION', name, schema)
  }

  /** @throws TurnlogError EVENT_INVALID naming everything that is wrong */
  create(options: CustomEventOptions<Details>): DecisionEvent {
    return this.check(createDecisionEvent({ ...options, decisionType: this.name }))
  }
}

export type { ActionType, DecisionType }

/**
 * Defines an action type of your own.
 *
 * @param schema of `details` as they are written, without `action_type`; it must not be asynchronous
 */
export function defineActionType<S extends z.ZodType<unknown, ActionDetails>>(
  name: string,
  schema: S,
): ActionType<z.input<S>> {
  return new ActionType<z.input<S>>(name, schema)
}

/**
 * Defines a decision type of your own.
 *
 * @param schema of `details` as they are written, without `decision_type`; it must not be asynchronous
 */
export function defineDecisionType<S extends z.ZodType<unknown, Fields>>(
  name: string,
  schema: S,
): DecisionType<z.input<S>> {
  return new DecisionType<z.input<S>>(name, schema)
}
