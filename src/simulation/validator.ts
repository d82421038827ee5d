import type { Action } from './agent.js'
import type { StateVariables } from './state-variables.js'

/** Whether an action may happen, and if not, why. */
export type Verdict = { readonly valid: true } | { readonly valid: false; readonly reason: string }

/** Where an action is to happen. */
export interface ActionContext<S extends StateVariables> {
  readonly agentId: string
  readonly turnNumber: number
  readonly state: S
}

/** Says which actions may happen. */
export interface Validator<S extends StateVariables, A extends Action = Action> {
  validate(action: A, context: ActionContext<S>): Verdict | Promise<Verdict>
}
