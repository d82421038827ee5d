import { TurnlogError } from '../errors.js'
import { asksOfTexts } from '../query/event-filter.js'
import type { EventText } from '../query/event-row.js'
import { getEvent } from '../query/get-event.js'
import { getSimulation, type SimulationSummary } from '../query/get-simulation.js'
import { type EventPage, listEvents, type PageRequest } from '../query/list-events.js'
import { listSimulations, type SimulationItem } from '../query/list-simulations.js'
import type { LongReads } from '../query/long-reads.js'
import { type AllEventsRequest, readAllEvents } from '../query/read-all-events.js'
import { type Trace, traceCausality, type TraceRequest } from '../query/trace-causality.js'
import type { WorkLimit } from '../query/work-limit.js'
import type { SidecarReader, Snapshot } from '../sidecar/sidecar-reader.js'

/** What runs are read from. */
export interface RunSource {
  readonly reader: SidecarReader
  /** For questions that may look through many events. */
  readonly longReads: LongReads
}

/** How long a question may take. */
export interface Patience {
  /** How long events may be looked through one by one, in milliseconds; as long as it takes unless told otherwise. */
  readonly limitMs?: number | undefined
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined
}

/** Never aborts. */
const NEVER = new AbortController().signal

/**
 * What is recorded, with events as texts exactly as their lines spell them. The HTTP API and
 * the command line answer from it, and the library's own `Store` does.
 */
export class RecordedRuns {
  readonly #source: RunSource

  constructor(source: RunSource) {
    this.#source = source
  }

  /** Every run, by id. */
  simulations(): Promise<SimulationItem[]> {
    return this.#source.reader.read((snapshot) => listSimulations(snapshot))
  }

  /** @throws TurnlogError SIMULATION_NOT_FOUND */
  simulation(id: string): Promise<SimulationSummary> {
    return this.#source.reader.read((snapshot) => getSimulation(snapshot, id))
  }

  /** @throws TurnlogError SIMULATION_NOT_FOUND or EVENT_NOT_FOUND */
  event(id: string, eventId: string): Promise<EventText> {
    return this.#source.reader.read((snapshot) => getEvent(snapshot, id, eventId))
  }

  /** A page of a run's events; see {@link listEvents}. */
  page(id: string, request: PageRequest, patience: Patience = {}): Promise<EventPage> {
    const { reader, longReads } = this.#source
    const { limitMs = Infinity, signal } = patience
    const read = (snapshot: Snapshot, work?: WorkLimit): Promise<EventPage> =>
      listEvents(snapshot, id, request, work)
    return asksOfTexts(request.filter)
      ? longReads.read({ limitMs, signal }, read)
      : reader.read((snapshot) => read(snapshot))
  }

  /** All of a run's events that match, part by part; see {@link readAllEvents}. */
  events(
    id: string,
    request: AllEventsRequest,
    signal: AbortSignal = NEVER,
  ): AsyncGenerator<readonly EventText[]> {
    return readAllEvents({ ...this.#source, signal }, id, request)
  }

  /** What led to an event, and what it led to; see {@link traceCausality}. */
  async trace(
    id: string,
    eventId: string,
    request: TraceRequest,
    { limitMs = Infinity, signal }: Patience = {},
  ): Promise<Trace> {
    const trace = (snapshot: Snapshot, limit?: WorkLimit): Promise<Trace> =>
      traceCausality(snapshot, id, eventId, request, limit)
    try {
      return await this.#source.reader.read((snapshot) => trace(snapshot))
    } catch (error) {
      // Hardly any walk meets so many links that it takes more than a short read.
      if (!(error instanceof TurnlogError && error.code === 'QUERY_TOO_BROAD')) throw error
      const advice = 'ask for a smaller depth, or for one direction'
      return this.#source.longReads.read({ limitMs, signal, advice }, trace)
    }
  }
}
