import { givenValue, isSameValue, type KeptValue, keepValue } from './kept-value.js'
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

/**
 * The variables of a state as they were when it was last looked at. Values are
 * compared as JSON texts, so that a list changed in place counts, and one
 * replaced by its like does not.
 */
export class StateSnapshot {
  readonly #isWanted: boolean
  readonly #kept = new Map<Owner, Map<string, KeptValue>>()

  /** @param isWanted whether anybody asks what changed; else nothing ever does */
  constructor(isWanted = true) {
    this.#isWanted = isWanted
  }

  /**
   * Finds what changed since, and takes it over.
   *
   * @param owners whose variables to look at; all by default
   * @throws TurnlogError SIMULATION_INVALID for a value JSON cannot hold
   */
  update(state: StateVariables, owners: Iterable<Owner> = this.#everyone(state)): VariableChange[] {
    const changes: VariableChange[] = []
    if (!this.#isWanted) return changes
    for (const owner of owners) {
      const variables = owner === undefined ? state.global : ownValue(state.agents, owner)
      this.#updateOne(owner, variables ?? {}, changes)
      if (this.#kept.get(owner)?.size === 0) this.#kept.delete(owner)
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
      const after = keepValue(newValue, () => `variable ${name} of ${ownerOf(agentId)}`)
      if (isSameValue(before, after)) continue
      kept.set(name, after)
      changes.push({ agentId, name, oldValue: givenValue(before), newValue: givenValue(after) })
    }
    if (kept.size === seen) return
    for (const [name, before] of kept) {
      const value = ownValue(variables as Readonly<Record<string, unknown>>, name)
      if (value !== undefined && typeof value !== 'function') continue
      kept.delete(name)
      changes.push({ agentId, name, oldValue: givenValue(before), newValue: null })
    }
  }

  #keptOf(owner: Owner): Map<string, KeptValue> {
    const kept = this.#kept.get(owner) ?? new Map<string, KeptValue>()
    this.#kept.set(owner, kept)
    return kept
  }
}

/** Not what every object inherits under such a name. */
function ownValue<T>(fields: Readonly<Record<string, T>> = {}, name: string): T | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function ownerOf(agentId: Owner): string {
  return agentId === undefined ? 'the world' : `agent ${agentId}`
}
