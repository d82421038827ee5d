import { inspect } from 'node:util'
import { TurnlogError } from '../errors.js'
import { createActionEvent, createDecisionEvent } from '../event/builders.js'
import type { EventId } from '../event/event-id.js'
import type { Logger } from '../writer/writer-options.js'
import type { Action, Agent, Choice, Decision, RecordingTools } from './agent.js'
import { shorten } from './describe-error.js'
import type { RecordedAction } from './engine.js'
import { givenValue, type KeptValue, keepValue } from './kept-value.js'
import { andThen, isPromise, type MaybeAsync } from './maybe-async.js'
import { createTools } from './recording-tools.js'
import type { RunRecorder } from './run-recorder.js'
import type { StateVariables } from './state-variables.js'
import type { Validator, Verdict } from './validator.js'

const VALID: Verdict = { valid: true }

/** What becomes of a run when an agent throws. */
export const AGENT_ERROR_POLICIES = ['throw', 'skip'] as const
/** One of {@link AGENT_ERROR_POLICIES}. */
export type OnAgentError = (typeof AGENT_ERROR_POLICIES)[number]

/** What agents decided last: by agent, by type of decision. */
export type DecisionMemory = Map<string, Map<string, KeptValue>>

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
    const failure = recorder.failure(error, 'agent_failed', [turnStart], { agent: agentId })
    const about = { simulationId: recorder.simulationId, turn: recorder.turnNumber, agent: agentId }
    this.#setup.logger?.warn({ ...about, err: error }, 'agent failed')
    if (onAgentError === 'throw') throw failure
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
      const verdict = validator === undefined ? VALID : validator.validate(action, context)
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
    checkVerdict(agentId, action, verdict)
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
    const { type, value, description, details } = decision
    const kept = keepValue(value, () => `decision ${type} of agent ${agentId}`)
    const remembered = memory.get(agentId) ?? new Map<string, KeptValue>()
    const before = remembered.has(type) ? givenValue(remembered.get(type)) : undefined
    const event = createDecisionEvent({
      ...recorder.place(causedBy),
      agentId,
      decisionType: type,
      oldValue: 'oldValue' in decision ? decision.oldValue : before,
      newValue: value,
      description: description === undefined ? undefined : shorten(description),
      details,
    })
    recorder.emit(event)
    memory.set(agentId, remembered.set(type, kept))
    return event.event_id
  }

  #recordAction(agentId: string, action: A, causedBy: readonly EventId[]): void {
    const { recorder } = this.#setup
    const { type, payload, interaction, description, details } = action
    const participantIds = [...new Set([agentId, ...participantsOf(interaction)])]
    const event = createActionEvent({
      ...recorder.place(causedBy),
      agentId,
      actionType: type,
      actionPayload: payload,
      interactionType: interaction?.type,
      participatingAgentIds: interaction === undefined ? undefined : participantIds,
      description: description === undefined ? undefined : shorten(description),
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
    const { recorder } = this.#setup
    const details = { agent: agentId, action_type: type, reason }
    const description = shorten(`${agentId} may not ${type}: ${reason}`)
    const refusal = { status: 'failure', errorType: 'action_refused', description } as const
    try {
      recorder.system({ ...refusal, details: { ...details, action_payload: payload } }, causedBy)
    } catch (error) {
      if (!(error instanceof TurnlogError)) throw error
      // The payload may be the very reason: it cannot be recorded either way.
      recorder.system({ ...refusal, details }, causedBy)
    }
  }
}

/** Models put a single name where a list belongs. */
function participantsOf(interaction: Action['interaction']): readonly string[] {
  const named: unknown = interaction?.with ?? []
  if (Array.isArray(named)) return named as string[]
  throw new TurnlogError('SIMULATION_INVALID', {
    message: `interaction.with is ${inspect(named)}, not a list of agents`,
    hint: 'name everyone the action is upon or with in a list',
  })
}

function checkVerdict(agentId: string, { type }: Action, verdict: unknown): void {
  const { valid, reason } = (verdict ?? {}) as Partial<Record<string, unknown>>
  if (valid === true || (valid === false && typeof reason === 'string')) return
  throw new TurnlogError('SIMULATION_INVALID', {
    message: `validate ${type} of agent ${agentId}: the validator gave ${inspect(verdict, { depth: 1 })}`,
    hint: 'validate() gives { valid: true }, or { valid: false, reason: "…" }',
  })
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
