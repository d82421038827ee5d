/** The lowest bits hold the type. */
const TYPE_BITS = 3
const TYPES = 2 ** TYPE_BITS

/** Stands for no agent. */
export const NO_AGENT = 0

/**
 * A type and an agent as one small number: what events are counted by, and what
 * filters on either look at.
 */
export type EventCell = number

/** @throws RangeError when there is no room for the type */
export function cellOf(type: number, agent: number): EventCell {
  if (type < 0 || type >= TYPES) throw new RangeError(`no event type has the code ${type}`)
  return agent * TYPES + type
}

export function typeOf(cell: EventCell): number {
  return cell & (TYPES - 1)
}

/** {@link NO_AGENT} where there is none. */
export function agentOf(cell: EventCell): number {
  return cell >>> TYPE_BITS
}

/** Which cells are meant. */
export class CellFilter {
  /** 1 at the number of each that is meant. */
  readonly #types: Uint8Array
  readonly #agents: Uint8Array | undefined

  /** @param types any of these; undefined: all. @param agents likewise */
  constructor(types: readonly number[] | undefined, agents: readonly number[] | undefined) {
    this.#types = types === undefined ? new Uint8Array(TYPES).fill(1) : setOf(types, TYPES)
    const last = agents?.reduce((most, agent) => Math.max(most, agent), 0) ?? 0
    this.#agents = agents && setOf(agents, last + 1)
  }

  has(cell: EventCell): boolean {
    if (this.#types[typeOf(cell)] !== 1) return false
    return this.#agents === undefined || this.#agents[agentOf(cell)] === 1
  }
}

function setOf(numbers: readonly number[], size: number): Uint8Array {
  const set = new Uint8Array(size)
  for (const number of numbers) set[number] = 1
  return set
}
