import { TurnlogError } from '../errors.js'
import { createActionEvent } from '../event/builders.js'
import type { EventId } from '../event/event-id.js'
import type { Action } from './agent.js'
import type { Interaction, RecordedAction, RecordedDeed, Turn } from './engine.js'
import { checkState } from './check-state.js'
import { isPromise } from './maybe-async.js'
import { createTools } from './recording-tools.js'
import type { RunRecorder } from './run-recorder.js'
import type { Owner, StateSnapshot } from './state-snapshot.js'
import type { StateVariables } from './state-variables.js'

/** What the phase is set up with. */
export interface ResolutionPhaseSetup<S extends StateVariables, A extends Action> {
  readonly recorder: RunRecorder
  /** The state as it was last recorded. */
  readonly snapshot: StateSnapshot
  readonly signal: AbortSignal
  readonly actions: readonly RecordedAction<A>[]
  readonly state: S
}

/**
 * The part of a turn in which the engine lets the actions have their effects:
 * records what it reports and every variable it changes, each with what it
 * comes from as exactly as that is known.
 */
export class ResolutionPhase<S extends StateVariables, A extends Action> {
  readonly #setup: ResolutionPhaseSetup<S, A>
  /** The valid actions everyone took or takes part in, by agent. */
  readonly #actions = new Map<string, EventId[]>()
  /** What everyone did or took part in since the phase began. */
  readonly #latestDeeds = new Map<string, EventId[]>()
  #state: S
  #phase: EventId
  /** The deed that is being applied. */
  #applied: RecordedDeed | undefined
  #isOver = false
  readonly #turnNumber: number

  constructor(setup: ResolutionPhaseSetup<S, A>) {
    this.#setup = setup
    this.#state = setup.state
    this.#turnNumber = setup.recorder.turnNumber
    for (const action of setup.actions) {
      noteDeed(this.#actions, action)
      noteDeed(this.#latestDeeds, action)
    }
    this.#phase = this.#beginPhase('resolution', setup.recorder.outcomes)
  }

  /** The phase that was begun last. */
  get phase(): EventId {
    return this.#phase
  }

  /** The turn as the engine sees it. */
  get turn(): Turn<S, A> {
    const { recorder, signal, actions } = this.#setup
    return {
      ...createTools({ recorder, signal, causes: () => [this.#applied?.eventId ?? this.#phase] }),
      actions,
      apply: (deed, change) => this.#apply(deed, change),
      interact: (interaction) => this.#interact(interaction),
      phase: (name, description) => {
        this.#assertPlaying()
        this.#recordChanges(this.#state)
        this.#phase = this.#beginPhase(name, [this.#phase], description)
        this.#latestDeeds.clear()
      },
    }
  }

  /** Records what changed and was not put down to a deed. @returns the state after the turn */
  end(state: S): S {
    checkState(state)
    this.#recordChanges(state)
    this.#isOver = true
    return state
  }

  #assertPlaying(): void {
    if (!this.#isOver) return
    throw new TurnlogError('SIMULATION_INVALID', {
      message: `play a turn: ${this.#turnNumber} is over`,
      hint: 'await everything a turn needs before playTurn() returns',
    })
  }

  #recordChanges(state: S): void {
    const { recorder, snapshot } = this.#setup
    for (const change of snapshot.update(state)) {
      const own = change.agentId === undefined ? undefined : this.#latestDeeds.get(change.agentId)
      recorder.change(change, own ?? [this.#phase])
    }
  }

  #apply(deed: RecordedDeed, change: (state: S) => S): S {
    this.#assertPlaying()
    const { recorder, snapshot } = this.#setup
    const outer = this.#applied
    this.#applied = deed
    try {
      const state = recorder.writer.within(deed.eventId, () => change(this.#state))
      if (isPromise<unknown>(state)) throw asynchronousChange(deed)
      checkState(state)
      this.#state = state
      const owners: Owner[] = [undefined, ...deed.participantIds]
      for (const one of snapshot.update(state, owners)) recorder.change(one, [deed.eventId])
      return state
    } finally {
      this.#applied = outer
    }
  }

  #interact(interaction: Interaction): RecordedDeed {
    this.#assertPlaying()
    const { recorder } = this.#setup
    const { type, participants, payload, description, causes } = interaction
    const participantIds = [...new Set(participants)]
    const [agentId] = participants
    const behind = causes?.map(({ eventId }) => eventId) ?? this.#actionsOf(participantIds)
    const event = createActionEvent({
      ...recorder.place(behind.length > 0 ? behind : [this.#phase]),
      agentId,
      actionType: type,
      actionPayload: payload,
      interactionType: type,
      participatingAgentIds: participantIds,
      description,
    })
    recorder.emit(event)
    const deed = { eventId: event.event_id, agentId, participantIds }
    noteDeed(this.#latestDeeds, deed)
    return deed
  }

  #actionsOf(agentIds: readonly string[]): EventId[] {
    return [...new Set(agentIds.flatMap((id) => this.#actions.get(id) ?? []))]
  }

  #beginPhase(phase: string, causedBy: readonly EventId[], description?: string): EventId {
    const transition = {
      milestoneType: 'phase_transition',
      description,
      details: { phase },
    } as const
    return this.#setup.recorder.milestone(transition, causedBy)
  }
}

function noteDeed(deeds: Map<string, EventId[]>, { eventId, participantIds }: RecordedDeed): void {
  for (const id of participantIds) {
    const own = deeds.get(id)
    if (own === undefined) deeds.set(id, [eventId])
    else own.push(eventId)
  }
}

function asynchronousChange({ agentId }: RecordedDeed): TurnlogError {
  return new TurnlogError('SIMULATION_INVALID', {
    message: `apply a deed of agent ${agentId}: the change is asynchronous`,
    hint: 'await what is needed first, then apply the change at once',
  })
}
