import { join } from 'node:path'
import { TurnlogError } from '../errors.js'
import { CONTROL_DIRECTORY } from '../event/simulation-id.js'
import type { SimulationSummary } from '../query/get-simulation.js'
import type { SimulationItem } from '../query/list-simulations.js'
import type { CausalityQuery, EventsQuery, Fields } from './events-query.js'
import type { Causality, RecordedEvent } from './recorded-event.js'
import type { Store } from './store.js'

/** Where the sidecar is, when it is not beside the runs. */
export interface StoreOptions {
  /** `<root>/.turnlog/index.db` unless told otherwise. */
  readonly db?: string | undefined
}

/**
 * What is recorded below a root, for reading. To be closed.
 *
 * The sidecar is opened by the first question, and what reads it is loaded then: a process that
 * only records never pays for it.
 *
 * @param root the directory that holds one directory per simulation
 */
export function openStore(root: string, options: StoreOptions = {}): Store {
  const { db = join(root, CONTROL_DIRECTORY, 'index.db') } = options
  return new LazyStore(db)
}

class LazyStore implements Store {
  readonly #db: string
  #opened: Promise<Store> | undefined
  #isClosed = false

  constructor(db: string) {
    this.#db = db
  }

  async simulations(): Promise<SimulationItem[]> {
    return (await this.#open()).simulations()
  }

  async simulation(simulationId: string): Promise<SimulationSummary> {
    return (await this.#open()).simulation(simulationId)
  }

  async *events(simulationId: string, query?: EventsQuery): AsyncGenerator<RecordedEvent> {
    yield* this.#whileOpen((await this.#open()).events(simulationId, query))
  }

  async *eventTexts(
    simulationId: string,
    query?: EventsQuery & Partial<Fields>,
  ): AsyncGenerator<string> {
    yield* this.#whileOpen((await this.#open()).eventTexts(simulationId, query))
  }

  async event(simulationId: string, eventId: string): Promise<RecordedEvent> {
    return (await this.#open()).event(simulationId, eventId)
  }

  async eventText(simulationId: string, eventId: string): Promise<string> {
    return (await this.#open()).eventText(simulationId, eventId)
  }

  async trace(simulationId: string, eventId: string, query?: CausalityQuery): Promise<Causality> {
    return (await this.#open()).trace(simulationId, eventId, query)
  }

  async traceText(simulationId: string, eventId: string, query?: CausalityQuery): Promise<string> {
    return (await this.#open()).traceText(simulationId, eventId, query)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await (await this.#opened)?.close()
  }

  /** What is read part by part would otherwise open the sidecar again. */
  async *#whileOpen<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const item of items) {
      yield item
      this.#assertOpen()
    }
  }

  #assertOpen(): void {
    if (!this.#isClosed) return
    throw new TurnlogError('STORE_CLOSED', {
      message: `read the sidecar ${this.#db}: the store was closed`,
      hint: 'close it when the last answer is there, or open another one with openStore',
    })
  }

  async #open(): Promise<Store> {
    this.#assertOpen()
    this.#opened ??= import('./sidecar-store.js').then(({ SidecarStore }) => {
      return new SidecarStore(this.#db)
    })
    return this.#opened
  }
}
