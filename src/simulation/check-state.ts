import { inspect } from 'node:util'
import { TurnlogError } from '../errors.js'

/**
 * Engines without types give anything for a state.
 *
 * @throws TurnlogError SIMULATION_INVALID
 */
export function checkState(state: unknown): void {
  if (!isRecord(state)) throw invalid(state, 'the state')
  const { global = {}, agents = {} } = state
  if (!isRecord(global)) throw invalid(global, '`global`')
  if (!isRecord(agents)) throw invalid(agents, '`agents`')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  const isOther = Array.isArray(value) || value instanceof Map || value instanceof Set
  return typeof value === 'object' && value !== null && !isOther
}

function invalid(value: unknown, what: string): TurnlogError {
  return new TurnlogError('SIMULATION_INVALID', {
    message: `play a simulation: the engine gave ${inspect(value, { depth: 0 })} for ${what}`,
    hint: 'start(), playTurn() and the change of apply() give the state, also after changing it in place; `global` and `agents` are objects by name',
  })
}
