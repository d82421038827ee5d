import type { EventWriter } from '../writer/event-writer.js'
import type { RecordCall } from './record-call.js'
import type { StateVariables } from './state-variables.js'

/** Something an agent makes up its mind about. */
export interface Decision {
  /** The `decision_type`. */
  readonly type: string
  readonly value: unknown
  /** What it was before; by default what the agent decided last under this type. */
  readonly oldValue?: unknown
  readonly description?: string
  /** Keys of your own for `details`. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** Something an agent wants to do; it happens if the validator lets it. */
export interface Action {
  /** The `action_type`. */
  readonly type: string
  readonly payload: Readonly<Record<string, unknown>>
  /** For an action upon or with other agents: what kind, and who they are. */
  readonly interaction?: { readonly type: string; readonly with: readonly string[] }
  readonly description?: string
  /** Keys of your own for `details`. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** What an agent comes up with in a turn; either may be left out. */
export interface Choice<A extends Action = Action> {
  readonly decisions?: readonly Decision[]
  readonly actions?: readonly A[]
}

/** Records what goes on inside an engine or an agent, linked to what it belongs to. */
export interface RecordingTools {
  readonly simulationId: string
  readonly turnNumber: number
  /** Aborted when the run ends before its time. */
  readonly signal: AbortSignal
  /** For events of your own: they come from what they are emitted in. What the run records names none of them as a cause. */
  readonly writer: EventWriter
  /** Records the inside of a calculation (DETAIL). */
  readonly calculate: (
    type: string,
    values: Readonly<Record<string, unknown>>,
    description?: string,
  ) => void
  /** Makes a call to a model, or to anything that can fail, and records how it went (SYSTEM). */
  readonly recordCall: RecordCall
}

/** What an agent decides upon. */
export interface DecisionContext<S extends StateVariables> extends RecordingTools {
  /** As it was when the turn began; all agents decide upon the same, so it must not be changed. */
  readonly state: S
}

/** Somebody who decides and acts. */
export interface Agent<S extends StateVariables, A extends Action = Action> {
  /** Unique in the run. */
  readonly id: string
  decide(context: DecisionContext<S>): Choice<A> | Promise<Choice<A>>
}
