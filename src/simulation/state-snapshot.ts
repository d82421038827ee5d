import { TurnlogError } from '../errors.js'
import type { StateVariables } from './state-variables.js'

/** A variable that took another value. */
export interface VariableChange {
  /** Whose it is; undefined for the world's own. */
  readonly agentId: string | undefined
  readonly name: string
  /** Null for a variable that was not there before. */
  readonly oldValue: unknown
  /** Null for a variable that is gone. */
  readonly newValue: unknown
}

/** Whose variables: an agent's, or (undefined) the world's own. */
export type Owner = string | undefined

/** A value that can change without becoming another one, kept as its JSON text. */
class Composite {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * The variables of a state as they were when it was last looked at. Values are
 * compared as JSON, so that a list changed in place counts, and one replaced by
 * its equal does not.
 */
export class StateSnapshot {
  readonly #kept = new Map<Owner, Map<string, unknown>>()

  /**
   * Finds what changed since, and takes it over.
   *
   * @param owners whose variables to look at; all by default
   * @throws TurnlogError SIMULATION_INVALID for a value JSON cannot hold
   */
  update(state: StateVariables, owners: Iterable<Owner> = this.#everyone(state)): VariableChange[] {
    const changes: VariableChange[] = []
    for (const owner of owners) {
      const variables = owner === undefined ? state.global : ownValue(state.agents, owner)
      this.#updateOne(owner, variables ?? {}, changes)
    }
    return changes
  }

  #everyone(state: StateVariables): Set<Owner> {
    return new Set<Owner>([undefined, ...Object.keys(state.agents ?? {}), ...this.#kept.keys()])
  }

  #updateOne(agentId: Owner, variables: object, changes: VariableChange[]): void {
    const kept = this.#keptOf(agentId)
    let seen = 0
    for (const [name, newValue] of Object.entries<unknown>(variables as Record<string, unknown>)) {
      if (newValue === undefined || typeof newValue === 'function') continue
      seen++
      const before = kept.get(name)
      const after = keep(newValue, agentId, name)
      if (isSame(before, after)) continue
      kept.set(name, after)
      changes.push({ agentId, name, oldValue: given(before), newValue: given(after) })
    }
    if (kept.size === seen) return
    for (const [name, before] of kept) {
      const value = ownValue(variables as Readonly<Record<string, unknown>>, name)
      if (value !== undefined && typeof value !== 'function') continue
      kept.delete(name)
      changes.push({ agentId, name, oldValue: given(before), newValue: null })
    }
  }

  #keptOf(owner: Owner): Map<string, unknown> {
    const kept = this.#kept.get(owner) ?? new Map<string, unknown>()
    this.#kept.set(owner, kept)
    return kept
  }
}

/** Not what every object inherits under such a name. */
function ownValue<T>(fields: Readonly<Record<string, T>> = {}, name: string): T | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function keep(value: unknown, agentId: Owner, name: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  try {
    // Nothing, where a toJSON gives nothing.
    const text: unknown = JSON.stringify(value)
    return typeof text === 'string' ? new Composite(text) : null
  } catch (cause) {
    const owner = agentId === undefined ? 'the world' : `agent ${agentId}`
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new TurnlogError('SIMULATION_INVALID', {
      message: `record the state: variable ${name} of ${owner} cannot be written as JSON: ${why}`,
      hint: 'keep what is not plain data out of `global` and `agents`',
      cause,
    })
  }
}

function given(kept: unknown): unknown {
  if (kept === undefined) return null
  return kept instanceof Composite ? (JSON.parse(kept.text) as unknown) : kept
}

function isSame(before: unknown, after: unknown): boolean {
  if (before instanceof Composite && after instanceof Composite) return before.text === after.text
  // 0 and -0 are written alike, and NaN is no other value than NaN.
  return before === after || (Number.isNaN(before) && Number.isNaN(after))
}
