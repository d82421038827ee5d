import { EVENT_TYPES } from '../src/event/event-type.js'
import type { EventFilter } from '../src/query/event-filter.js'
import { EVENTS_PER_TURN, type GeneratedRun, RARE_AGENT, timestampOf } from './generate.js'

/** Makes filters whose values, and whose combinations of filters, are left to chance. */
export class RandomFilter {
  readonly #run: GeneratedRun
  readonly #random: () => number

  constructor(run: GeneratedRun, random: () => number) {
    this.#run = run
    this.#random = random
  }

  /** A whole number from 0 and below `count`. */
  below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  oneOf<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0]
  }

  agents(count: number): EventFilter {
    return {
      agentIds: Array.from({ length: count }, () => `agent_${this.below(this.#run.agents)}`),
    }
  }

  turn(): EventFilter {
    const at = this.below(this.#turns)
    return { turnStart: at, turnEnd: at }
  }

  turns(): EventFilter {
    const at = this.below(this.#turns)
    return { turnStart: at, turnEnd: at + this.below(this.#turns - at) }
  }

  times(): EventFilter {
    const { events } = this.#run
    const at = this.below(events)
    return {
      startTimestamp: timestampOf(at),
      endTimestamp: timestampOf(at + this.below(events - at)),
    }
  }

  since(share = 1): EventFilter {
    return { startTimestamp: timestampOf(this.below(this.#run.events * share)) }
  }

  /** Any of the filters, each there or not, rare types and agents among the common ones. */
  any(): EventFilter {
    const filter: EventFilter = {
      ...this.#maybe(() => this.turns()),
      ...this.#maybe(() => this.times()),
      ...this.#maybe(() => ({ eventTypes: this.#someOf(EVENT_TYPES) })),
      ...this.#maybe(() => ({ agentIds: this.#someOf(this.#agentIds()) })),
    }
    // An open end, on either side, is a filter of its own.
    return {
      ...filter,
      ...this.#maybe(() => ({ turnEnd: undefined, endTimestamp: undefined })),
      ...this.#maybe(() => ({ turnStart: undefined, startTimestamp: undefined })),
    }
  }

  get #turns(): number {
    return Math.ceil(this.#run.events / EVENTS_PER_TURN)
  }

  #agentIds(): string[] {
    return [RARE_AGENT, ...Array.from({ length: this.#run.agents }, (_, n) => `agent_${n}`)]
  }

  #maybe(make: () => EventFilter): EventFilter {
    return this.#random() < 0.5 ? make() : {}
  }

  /** One to five of them. */
  #someOf<T>(values: readonly T[]): T[] {
    const count = 1 + this.below(Math.min(5, values.length))
    return values
      .map((value) => ({ value, at: this.#random() }))
      .sort((a, b) => a.at - b.at)
      .slice(0, count)
      .map(({ value }) => value)
  }
}
