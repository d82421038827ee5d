import { TurnlogError } from '../errors.js'
import {
  createMilestoneEvent,
  createStateEvent,
  createSystemEvent,
  type MilestoneOptions,
  type SystemOptions,
} from '../event/builders.js'
import type { EventId } from '../event/event-id.js'
import type { TurnlogEvent } from '../event/event-schema.js'
import type { EventWriter } from '../writer/event-writer.js'
import { describeError, shorten } from './describe-error.js'
import type { VariableChange } from './state-snapshot.js'

/** An error on its way up that is in the log already. */
export class RecordedFailure extends Error {
  /** What was thrown. */
  readonly error: unknown
  readonly eventId: EventId

  constructor(error: unknown, eventId: EventId) {
    super('recorded already', { cause: error })
    this.error = error
    this.eventId = eventId
  }
}

/** What an event needs to be recorded, but for where it happens. */
type Placed<O> = Omit<O, 'simulationId' | 'turnNumber' | 'causedBy'>

/**
 * Records the events of a run where they happen, and knows what each turn led
 * to: the events of the turn that nothing else in it comes from.
 */
export class RunRecorder {
  readonly writer: EventWriter
  readonly simulationId: string
  #turnNumber = 0
  readonly #outcomes = new Set<EventId>()
  #isClosed = false

  constructor(writer: EventWriter, simulationId: string) {
    this.writer = writer
    this.simulationId = simulationId
  }

  get turnNumber(): number {
    return this.#turnNumber
  }

  /** What the turn led to so far. */
  get outcomes(): readonly EventId[] {
    return [...this.#outcomes]
  }

  beginTurn(turnNumber: number): void {
    this.#turnNumber = turnNumber
    this.#outcomes.clear()
  }

  /** Takes no more: what comes in when the run is over is no part of it. */
  close(): void {
    this.#isClosed = true
  }

  /** Hands an event of the turn to the writer. */
  emit<E extends TurnlogEvent>(event: E): E {
    if (this.#isClosed || this.writer.emit(event) !== 'accepted') return event
    for (const cause of event.caused_by ?? []) this.#outcomes.delete(cause)
    this.#outcomes.add(event.event_id)
    return event
  }

  milestone(options: Placed<MilestoneOptions>, causedBy: readonly EventId[]): EventId {
    return this.emit(createMilestoneEvent({ ...this.place(causedBy), ...options })).event_id
  }

  system(options: Placed<SystemOptions>, causedBy: readonly EventId[]): EventId {
    return this.emit(createSystemEvent({ ...this.place(causedBy), ...options })).event_id
  }

  /** Records a variable that took another value; where that is too large to be, says so. */
  change(
    { agentId, name, oldValue, newValue }: VariableChange,
    causedBy: readonly EventId[],
  ): void {
    const scope = agentId === undefined ? 'global' : 'agent'
    const change = { variableName: name, oldValue, newValue, scope, agentId } as const
    try {
      this.emit(createStateEvent({ ...this.place(causedBy), ...change }))
    } catch (error) {
      if (!(error instanceof TurnlogError)) throw error
      const details = { variable_name: name, agent: agentId, error_message: error.message }
      const description = shorten(`A change of ${name} was not recorded: ${error.message}`)
      const errorType = 'change_not_recorded'
      this.system({ status: 'warning', errorType, description, details }, causedBy)
    }
  }

  /**
   * Records that something failed (SYSTEM).
   *
   * @param errorType what failed
   * @returns the error with the event of the failure, to be thrown
   */
  failure(
    error: unknown,
    errorType: string,
    causedBy: readonly EventId[],
    details: Readonly<Record<string, unknown>> = {},
  ): RecordedFailure {
    if (error instanceof RecordedFailure) return error
    const { type, message } = describeError(error)
    const id = this.system(
      {
        status: 'failure',
        errorType,
        description: shorten(message),
        details: { ...details, error: type, error_message: message },
      },
      causedBy,
    )
    return new RecordedFailure(error, id)
  }

  /** The part of an event that says where it happens. */
  place(causedBy: readonly EventId[]): PlaceOptions {
    return { simulationId: this.simulationId, turnNumber: this.#turnNumber, causedBy }
  }
}

/** Where an event happens, and why. */
export interface PlaceOptions {
  readonly simulationId: string
  readonly turnNumber: number
  readonly causedBy: readonly EventId[]
}
