import type { SimulationSummary } from '../query/get-simulation.js'
import type { SimulationItem } from '../query/list-simulations.js'
import type { CausalityQuery, EventsQuery, Fields } from './events-query.js'
import type { Causality, PartialEvent, RecordedEvent } from './recorded-event.js'

/**
 * Reads what is recorded and indexed. Every answer is of one consistent state, also while an
 * indexer writes or rebuilds the sidecar; of events each part that is read is. Methods that end in `Text` give JSON as it was
 * recorded, in which numbers keep the spelling that `JSON.parse` would change.
 *
 * All methods throw TurnlogError: SIMULATION_NOT_FOUND for a run that is not there, which names
 * the nearest one in its hint; FILTER_INVALID, naming every field that is wrong; and
 * SIDECAR_NOT_FOUND, SIDECAR_UNREADABLE or SIDECAR_SCHEMA_MISMATCH. Once it is closed, they throw
 * STORE_CLOSED.
 */
export interface Store {
  /** Every run, by id. */
  simulations(): Promise<SimulationItem[]>
  /** A run: its counts, its span, its segments and its first 100 rejects. */
  simulation(simulationId: string): Promise<SimulationSummary>
  /**
   * The events of a run that match, in order. They are read part by part while they are asked
   * for, so that a run of any size takes little memory, and nothing is held between two parts.
   */
  events(simulationId: string, query: EventsQuery & Fields): AsyncGenerator<PartialEvent>
  events(simulationId: string, query?: EventsQuery): AsyncGenerator<RecordedEvent>
  /** {@link Store.events}, as they were recorded. */
  eventTexts(simulationId: string, query?: EventsQuery & Partial<Fields>): AsyncGenerator<string>
  /** One event. @throws TurnlogError EVENT_NOT_FOUND */
  event(simulationId: string, eventId: string): Promise<RecordedEvent>
  /** {@link Store.event}, as it was recorded. */
  eventText(simulationId: string, eventId: string): Promise<string>
  /** What led to an event, and what it led to. @throws TurnlogError EVENT_NOT_FOUND */
  trace(simulationId: string, eventId: string, query?: CausalityQuery): Promise<Causality>
  /** {@link Store.trace}, with the events as they were recorded. */
  traceText(simulationId: string, eventId: string, query?: CausalityQuery): Promise<string>
  /** Closes the sidecar once the reads under way have ended; loops over events end with an error. */
  close(): Promise<void>
}
