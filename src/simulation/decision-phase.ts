import { inspect } from 'node:util'
import { TurnlogError } from '../errors.js'
import { createActionEvent, createDecisionEvent } from '../event/builders.js'
import type { EventId } from '../event/event-id.js'
import type { Logger } from '../writer/writer-options.js'
import type { Action, Agent, Choice, Decision, RecordingTools } from './agent.js'
import { shorten } from './describe-error.js'
import type { RecordedAction } from './engine.js'
import { andThen, isPromise, type MaybeAsync } from './maybe-async.js'
import { createTools } from './recording-tools.js'
import type { RunRecorder } from './run-recorder.js'
import type { StateVariables } from './state-variables.js'
import type { Validator, Verdict } from './validator.js'

/** What becomes of a run when an agent throws. */
export const AGENT_ERROR_POLICIES = ['throw', 'skip'] as const
/** One of {@link AGENT_ERROR_POLICIES}. */
export type OnAgentError = (typeof AGENT_ERROR_POLICIES)[number]

/** What agents decided last: by agent, by type of decision. */
export type DecisionMemory = Map<string, Map<string, unknown>>

/** What the phase is set up with. */
export interface DecisionPhaseSetup<S extends StateVariables, A extends Action> {
  readonly recorder: RunRecorder
  readonly validator: Validator<S, A> | undefined
  readonly onAgentError: OnAgentError
  readonly logger: Logger | undefined
  readonly memory: DecisionMemory
  readonly signal: AbortSignal
  readonly turnStart: EventId
  readonly state: S
}

/**
 * The part of a turn in which every agent decides, all upon the same state:
 * records their decisions, their actions that the validator lets pass, and why
 * it refused the others.
 */
export class DecisionPhase<S extends StateVariables, A extends Action> {
  readonly #setup: DecisionPhaseSetup<S, A>
  readonly #actions = new Map<string, RecordedAction<A>[]>()

  constructor(setup: DecisionPhaseSetup<S, A>) {
    this.#setup = setup
  }

  /** The valid actions of these agents, in their order. */
  actionsOf(agents: readonly Agent<S, A>[]): RecordedAction<A>[] {
    return agents.flatMap(({ id }) => this.#actions.get(id) ?? [])
  }

  /**
   * Lets an agent decide.
   *
   * @throws what the validator throws, and what the agent throws unless that is to be skipped
   */
  run(agent: Agent<S, A>): MaybeAsync<void> {
    const { recorder, signal, turnStart } = this.#setup
    if (signal.aborted) return
    const reasons = new Set<EventId>()
    const tools = createTools({
      recorder,
      signal,
      agentId: agent.id,
      causes: () => [turnStart],
      note: ({ event_id: id, caused_by: causes = [] }) => {
        for (const cause of causes) reasons.delete(cause)
        reasons.add(id)
      },
    })
    return andThen(this.#ask(agent, tools), (choice) => {
      // Whoever decides when the run is over already decides for nobody.
      if (signal.aborted) return
      return this.#accept(agent.id, choice, reasons.size > 0 ? [...reasons] : [turnStart])
    })
  }

  #ask(agent: Agent<S, A>, tools: RecordingTools): MaybeAsync<Choice<A>> {
    const { recorder, turnStart, state } = this.#setup
    const fail = (error: unknown): Choice<A> => {
      this.#fail(agent.id, error)
      return {}
    }
    try {
      const decide = (): MaybeAsync<Choice<A>> => agent.decide({ ...tools, state })
      const choice = recorder.writer.within(turnStart, decide)
      return isPromise(choice) ? choice.then(undefined, fail) : choice
    } catch (error) {
      return fail(error)
    }
  }

  #fail(agentId: string, error: unknown): void {
    const { recorder, onAgentError, turnStart, signal } = this.#setup
    if (signal.aborted) return
    recorder.failure(error, 'agent_failed', [turnStart], { agent: agentId })
    const about = { simulationId: recorder.simulationId, turn: recorder.turnNumber, agent: agentId }
    this.#setup.logger?.warn({ ...about, err: error }, 'agent failed')
    if (onAgentError === 'throw') throw error
  }

  #accept(agentId: string, choice: Choice<A>, because: readonly EventId[]): MaybeAsync<void> {
    let causes = because
    try {
      checkChoice(agentId, choice)
      const { decisions = [] } = choice
      const decided = decisions.map((decision) => this.#recordDecision(agentId, decision, because))
      if (decided.length > 0) causes = decided
    } catch (error) {
      this.#fail(agentId, error)
      return
    }
    return this.#validateAll(agentId, (choice.actions ?? []).values(), causes)
  }

  #validateAll(
    agentId: string,
    actions: ArrayIterator<A>,
    causes: readonly EventId[],
  ): MaybeAsync<void> {
    const { validator, recorder, state } = this.#setup
    for (let next = actions.next(); next.done !== true; next = actions.next()) {
      const action = next.value
      const context = { agentId, turnNumber: recorder.turnNumber, state }
      const verdict = validator?.validate(action, context) ?? { valid: true }
      if (isPromise(verdict)) {
        return verdict.then((given) => {
          this.#judge(agentId, action, given, causes)
          return this.#validateAll(agentId, actions, causes)
        })
      }
      this.#judge(agentId, action, verdict, causes)
    }
  }

  #judge(agentId: string, action: A, verdict: Verdict, causes: readonly EventId[]): void {
    if (!verdict.valid) {
      this.#refuse(agentId, action, verdict.reason, causes)
      return
    }
    try {
      this.#recordAction(agentId, action, causes)
    } catch (error) {
      if (!(error instanceof TurnlogError)) throw error
      this.#refuse(agentId, action, error.message, causes)
    }
  }

  #recordDecision(agentId: string, decision: Decision, causedBy: readonly EventId[]): EventId {
    const { recorder, memory } = this.#setup
    const { type, value, oldValue = memory.get(agentId)?.get(type), ...rest } = decision
    const fields = { agentId, decisionType: type, newValue: value, oldValue }
    const event = createDecisionEvent({ ...rest, ...recorder.place(causedBy), ...fields })
    recorder.emit(event)
    const remembered = memory.get(agentId) ?? new Map<string, unknown>()
    memory.set(agentId, remembered.set(type, value))
    return event.event_id
  }

  #recordAction(agentId: string, action: A, causedBy: readonly EventId[]): void {
    const { recorder } = this.#setup
    const { type, payload, interaction, description, details } = action
    const participantIds = [...new Set([agentId, ...(interaction?.with ?? [])])]
    const event = createActionEvent({
      ...recorder.place(causedBy),
      agentId,
      actionType: type,
      actionPayload: payload,
      interactionType: interaction?.type,
      participatingAgentIds: interaction === undefined ? undefined : participantIds,
      description,
      details,
    })
    recorder.emit(event)
    const recorded = { eventId: event.event_id, agentId, participantIds, action }
    const actions = this.#actions.get(agentId) ?? []
    actions.push(recorded)
    this.#actions.set(agentId, actions)
  }

  #refuse(agentId: string, action: A, reason: string, causedBy: readonly EventId[]): void {
    const { type, payload } = action
    const details = { agent: agentId, action_type: type, action_payload: payload, reason }
    const description = shorten(`${agentId} may not ${type}: ${reason}`)
    const refusal = {
      status: 'failure',
      errorType: 'action_refused',
      description,
      details,
    } as const
    this.#setup.recorder.system(refusal, causedBy)
  }
}

/** Agents that ask a model may come up with anything. */
function checkChoice(agentId: string, choice: unknown): void {
  const isObject = typeof choice === 'object' && choice !== null
  const { decisions, actions } = isObject ? (choice as Partial<Record<string, unknown>>) : {}
  if (isObject && isListOfObjects(decisions) && isListOfObjects(actions)) return
  throw new TurnlogError('SIMULATION_INVALID', {
    message: `let agent ${agentId} decide: it gave ${inspect(choice, { depth: 1, breakLength: Infinity })}`,
    hint: 'decide() gives { decisions?: [...], actions?: [...] }, each a list of objects',
  })
}

function isListOfObjects(value: unknown): boolean {
  if (value === undefined) return true
  return Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null)
}
