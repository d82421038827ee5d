import type { EventId } from '../event/event-id.js'
import type { Action, RecordingTools } from './agent.js'
import type { StateVariables } from './state-variables.js'

/** An event in which agents did something. */
export interface RecordedDeed {
  readonly eventId: EventId
  /** Who did it. */
  readonly agentId: string
  /** Everyone who takes part, the acting agent first. */
  readonly participantIds: readonly string[]
}

/** An action that the validator let pass. */
export interface RecordedAction<A extends Action = Action> extends RecordedDeed {
  readonly action: A
}

/** Something between agents that the engine brings about, such as a deal it matched. */
export interface Interaction {
  readonly type: string
  /** Everyone who takes part; the first is the one who acts. */
  readonly participants: readonly [string, ...string[]]
  readonly payload: Readonly<Record<string, unknown>>
  /** What it comes from; by default what the participants did in this turn. */
  readonly causes?: readonly RecordedDeed[]
  readonly description?: string
}

/** A turn, as the engine plays it. */
export interface Turn<S extends StateVariables, A extends Action = Action> extends RecordingTools {
  /** In the order of the agents. */
  readonly actions: readonly RecordedAction<A>[]
  /**
   * Changes the state on account of one deed, at once: what it changes of the
   * world's variables and of its participants' is recorded as caused by it.
   *
   * @param change is given the state as the turn has it: what `start` or `playTurn`
   *   gave, or the `apply` before. It gives the new one, or that one after changing it in place
   * @returns the new state, which the rest of the turn goes on with
   */
  readonly apply: (deed: RecordedDeed, change: (state: S) => S) => S
  /** Records something between agents (ACTION); {@link apply} what it changes. */
  readonly interact: (interaction: Interaction) => RecordedDeed
  /**
   * Begins another phase of the turn (MILESTONE). An agent's changes that are
   * not applied to a deed come from what it did in the phase, all others from
   * the phase itself; the actions count for the first phase.
   */
  readonly phase: (name: string, description?: string) => void
}

/** The rules of the world. */
export interface Engine<S extends StateVariables, A extends Action = Action> {
  /** @returns the state before the first turn */
  start(tools: RecordingTools): S | Promise<S>
  /**
   * Plays one turn. Every variable that is another one afterwards is recorded,
   * whether or not it was changed through `turn.apply`.
   *
   * @returns the new state, or the old one after changing it in place
   */
  playTurn(state: S, turn: Turn<S, A>): S | Promise<S>
  /** Whether the simulation ends before its last turn; asked before each. */
  isOver?(state: S): boolean | Promise<boolean>
}
