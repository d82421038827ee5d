/**
 * What a simulation's state must show of itself to be recorded: its variables
 * by name, those of the world and those of each agent. Their values are written
 * as JSON; what else a state holds is its own.
 */
export interface StateVariables {
  readonly global?: object
  readonly agents?: Readonly<Record<string, object>>
}
