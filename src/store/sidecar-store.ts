import type { SimulationSummary } from '../query/get-simulation.js'
import type { SimulationItem } from '../query/list-simulations.js'
import { LongReads } from '../query/long-reads.js'
import { SidecarReader } from '../sidecar/sidecar-reader.js'
import {
  type CausalityQuery,
  type EventsQuery,
  type Fields,
  readCausalityQuery,
  readEventsQuery,
} from './events-query.js'
import type { Causality, RecordedEvent } from './recorded-event.js'
import { RecordedRuns } from './recorded-runs.js'
import { spellTrace } from './spell-trace.js'
import type { Store } from './store.js'

/** A {@link Store} over a sidecar; the first question opens it. */
export class SidecarStore implements Store {
  readonly #reader: SidecarReader
  readonly #runs: RecordedRuns

  /** @param db the sidecar */
  constructor(db: string) {
    const reader = new SidecarReader(db)
    this.#reader = reader
    this.#runs = new RecordedRuns({ reader, longReads: new LongReads(db) })
  }

  simulations(): Promise<SimulationItem[]> {
    return this.#runs.simulations()
  }

  simulation(simulationId: string): Promise<SimulationSummary> {
    return this.#runs.simulation(simulationId)
  }

  async *events(simulationId: string, query?: EventsQuery): AsyncGenerator<RecordedEvent> {
    for await (const text of this.eventTexts(simulationId, query)) yield parseEvent(text)
  }

  async *eventTexts(
    simulationId: string,
    query: EventsQuery & Partial<Fields> = {},
  ): AsyncGenerator<string> {
    const request = readEventsQuery(query)
    for await (const part of this.#runs.events(simulationId, request)) yield* part
  }

  async event(simulationId: string, eventId: string): Promise<RecordedEvent> {
    return parseEvent(await this.eventText(simulationId, eventId))
  }

  eventText(simulationId: string, eventId: string): Promise<string> {
    return this.#runs.event(simulationId, eventId)
  }

  async trace(simulationId: string, eventId: string, query?: CausalityQuery): Promise<Causality> {
    return JSON.parse(await this.traceText(simulationId, eventId, query)) as Causality
  }

  async traceText(
    simulationId: string,
    eventId: string,
    query: CausalityQuery = {},
  ): Promise<string> {
    const request = readCausalityQuery(query)
    return spellTrace(await this.#runs.trace(simulationId, eventId, request))
  }

  close(): Promise<void> {
    return this.#reader.close()
  }
}

/** Only lines that have what {@link RecordedEvent} promises are in the sidecar. */
function parseEvent(text: string): RecordedEvent {
  return JSON.parse(text) as RecordedEvent
}
