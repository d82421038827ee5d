import {
  type Aspect,
  ASPECTS,
  type ComparedEvent,
  contentOf,
  isPlainlySame,
} from './compared-event.js'

/** Which of two runs that are compared. */
export type Side = 'a' | 'b'

/**
 * What each of two runs has more of than the other. The order does not matter:
 * events that say the same are taken off against each other.
 */
export class EventSurplus {
  /** By what events say: how many more the run `a` has; below 0, how many more `b` has. */
  readonly #balances = new Map<Aspect, Map<string, number>>(
    ASPECTS.map((aspect) => [aspect, new Map()]),
  )

  /** Counts an event of each run, or of one where the other has no more. */
  add(a: ComparedEvent | undefined, b: ComparedEvent | undefined): void {
    if (a !== undefined && b !== undefined && isPlainlySame(a, b)) return
    if (a !== undefined) this.#change(a, 1)
    if (b !== undefined) this.#change(b, -1)
  }

  #change(event: ComparedEvent, by: 1 | -1): void {
    const balances = this.#balancesOf(event.aspect)
    const content = contentOf(event)
    const balance = (balances.get(content) ?? 0) + by
    if (balance === 0) balances.delete(content)
    else balances.set(content, balance)
  }

  #balancesOf(aspect: Aspect): Map<string, number> {
    return this.#balances.get(aspect) ?? new Map<string, number>()
  }

  /** How many different things are said more often in one of the runs. */
  get size(): number {
    return ASPECTS.reduce((sum, aspect) => sum + this.#balancesOf(aspect).size, 0)
  }

  /** In which the runs differ. */
  get aspects(): readonly Aspect[] {
    return ASPECTS.filter((aspect) => this.#balancesOf(aspect).size > 0)
  }

  /** How many more events of an aspect, whatever they say, a run has. */
  count(side: Side, aspect: Aspect): number {
    let count = 0
    for (const balance of this.#balancesOf(aspect).values()) count += surplusOf(side, balance)
    return count
  }

  /** How many more events that say this a run has. */
  countOf(side: Side, aspect: Aspect, content: string): number {
    return surplusOf(side, this.#balancesOf(aspect).get(content) ?? 0)
  }
}

function surplusOf(side: Side, balance: number): number {
  return Math.max(0, side === 'a' ? balance : -balance)
}
