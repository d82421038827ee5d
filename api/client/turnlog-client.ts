import { allPages } from './all-pages.js'
import type * as answer from './answers.js'
import { TurnlogConnectionError } from './client-errors.js'
import { Connection, type ClientOptions } from './connection.js'
import { EventFollower, type FollowedEvent, type FollowOptions } from './event-follower.js'
import { readLines } from './json-lines.js'
import { type Operation, type PathParameters, spellPath } from './operations.js'
import type {
  CausalityQuery,
  ComparisonQuery,
  EventFilter,
  EventsQuery,
  Fields,
  HistogramQuery,
  VariableQuery,
} from './queries.js'

/** What goes with any request. */
export interface RequestOptions {
  /** Calls the request off: what waits for it is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** What is asked for beside the operation itself. */
interface Question extends RequestOptions {
  readonly parameters?: PathParameters
  readonly query?: object
}

const JSON_TYPE = 'application/json'

/**
 * Asks a turnlog server. Every operation is a method of the name it has in the OpenAPI document;
 * queries and answers are spelled as docs/api.md has them.
 *
 * Methods throw `TurnlogApiError` when the server refuses, `TurnlogConnectionError` when no answer
 * comes, and `TypeError` for what no URL can spell.
 */
export class TurnlogClient {
  readonly #connection: Connection
  readonly #parse: (json: string) => unknown

  /** @throws TypeError when the base URL is none */
  constructor(options: ClientOptions) {
    this.#connection = new Connection(options)
    this.#parse = options.parse ?? ((json): unknown => JSON.parse(json))
  }

  /** Whether the index can be read, and how far it is behind; refused with 503 when it cannot. */
  getHealth(options: RequestOptions = {}): Promise<answer.Health> {
    return this.#ask('getHealth', options)
  }

  /** Every run, by id. */
  listSimulations(options: RequestOptions = {}): Promise<answer.SimulationList> {
    return this.#ask('listSimulations', options)
  }

  /** A run: its counts, its span, its files, and lines that are no events. */
  getSimulation(simulationId: string, options: RequestOptions = {}): Promise<answer.Simulation> {
    return this.#ask('getSimulation', { ...options, parameters: ofRun(simulationId) })
  }

  /** A page of the events that match, in the order of time. */
  listEvents(
    simulationId: string,
    query: EventsQuery & Fields,
    options?: RequestOptions,
  ): Promise<answer.PartialEventPage>
  listEvents(
    simulationId: string,
    query?: EventsQuery,
    options?: RequestOptions,
  ): Promise<answer.EventPage>
  listEvents(
    simulationId: string,
    query: EventsQuery = {},
    options: RequestOptions = {},
  ): Promise<answer.EventPage> {
    return this.#ask('listEvents', { ...options, parameters: ofRun(simulationId), query })
  }

  /**
   * Every event that matches, page by page: `limit` is the size of a page. None is repeated or
   * skipped while the run is being written.
   */
  events(
    simulationId: string,
    query: EventsQuery & Fields,
    options?: RequestOptions,
  ): AsyncGenerator<answer.PartialEvent>
  events(
    simulationId: string,
    query?: EventsQuery,
    options?: RequestOptions,
  ): AsyncGenerator<answer.RecordedEvent>
  async *events(
    simulationId: string,
    query: EventsQuery = {},
    options: RequestOptions = {},
  ): AsyncGenerator<answer.PartialEvent> {
    const pages = allPages((cursor) => {
      // Nobody sees the total, and counting can be more than the server allows.
      const uncounted = { ...query, count: 'none' } as const
      const asked = cursor === undefined ? uncounted : { ...uncounted, offset: undefined, cursor }
      return this.listEvents(simulationId, asked, options)
    })
    for await (const { events } of pages) yield* events
  }

  /**
   * Every event that matches, over one connection and as fast as they are taken. What breaks off
   * throws; {@link events} asks page by page instead.
   */
  streamEvents(
    simulationId: string,
    query: EventsQuery & Fields,
    options?: RequestOptions,
  ): AsyncGenerator<answer.PartialEvent>
  streamEvents(
    simulationId: string,
    query?: EventsQuery,
    options?: RequestOptions,
  ): AsyncGenerator<answer.RecordedEvent>
  async *streamEvents(
    simulationId: string,
    query: EventsQuery = {},
    { signal }: RequestOptions = {},
  ): AsyncGenerator<answer.PartialEvent> {
    const path = spellPath('listEvents', ofRun(simulationId), query)
    const accept = 'application/x-ndjson'
    const stream = await this.#connection.ask({ path, accept, signal })
    for await (const line of readLines(stream.pieces())) yield this.#readEvent(line)
  }

  /**
   * Events as they are recorded, each with the position behind it, until the signal aborts. A
   * connection that is lost or silent is made anew, and goes on where the last one was.
   */
  async *follow(
    simulationId: string,
    query: EventFilter = {},
    options: FollowOptions = {},
  ): AsyncGenerator<FollowedEvent> {
    const follower = new EventFollower(({ position, from, signal }) => {
      const path = spellPath('followEvents', ofRun(simulationId), { ...query, from })
      const headers = position === undefined ? {} : { 'Last-Event-ID': position }
      return this.#connection.ask({ path, accept: 'text/event-stream', headers, signal })
    }, options)
    for await (const { id, data } of follower.messages()) {
      yield { id, event: this.#readEvent(data) }
    }
  }

  /** One event. */
  getEvent(
    simulationId: string,
    eventId: string,
    options: RequestOptions = {},
  ): Promise<answer.RecordedEvent> {
    return this.#ask('getEvent', { ...options, parameters: ofEvent(simulationId, eventId) })
  }

  /** How many of the events that match lie in each part of a run. */
  countHistogram(
    simulationId: string,
    query: HistogramQuery = {},
    options: RequestOptions = {},
  ): Promise<answer.Histogram> {
    return this.#ask('countHistogram', { ...options, parameters: ofRun(simulationId), query })
  }

  /** The agents of a run, with their events by type. */
  listAgents(simulationId: string, options: RequestOptions = {}): Promise<answer.AgentList> {
    return this.#ask('listAgents', { ...options, parameters: ofRun(simulationId) })
  }

  /** The variables that changed in a run. */
  listVariables(simulationId: string, options: RequestOptions = {}): Promise<answer.VariableList> {
    return this.#ask('listVariables', { ...options, parameters: ofRun(simulationId) })
  }

  /** How a variable changed: a page of its values, by agent. */
  readVariable(
    simulationId: string,
    name: string,
    query: VariableQuery = {},
    options: RequestOptions = {},
  ): Promise<answer.VariablePage> {
    const parameters = { ...ofRun(simulationId), name }
    return this.#ask('readVariable', { ...options, parameters, query })
  }

  /** Every page of {@link readVariable}: `limit` is the size of one. */
  variablePages(
    simulationId: string,
    name: string,
    query: VariableQuery = {},
    options: RequestOptions = {},
  ): AsyncGenerator<answer.VariablePage> {
    return allPages((cursor = query.cursor) =>
      this.readVariable(simulationId, name, { ...query, cursor }, options),
    )
  }

  /** What led to an event, and what it led to. */
  traceCausality(
    simulationId: string,
    eventId: string,
    query: CausalityQuery = {},
    options: RequestOptions = {},
  ): Promise<answer.Causality> {
    const parameters = ofEvent(simulationId, eventId)
    return this.#ask('traceCausality', { ...options, parameters, query })
  }

  /** A shortest way from a cause to its effect; refused with 404 when there is none. */
  findCausalPath(
    simulationId: string,
    eventId: string,
    effectId: string,
    options: RequestOptions = {},
  ): Promise<answer.CausalPath> {
    const parameters = { ...ofEvent(simulationId, eventId), effect_id: effectId }
    return this.#ask('findCausalPath', { ...options, parameters })
  }

  /** Where two runs part: the first turn in which they differ. */
  compareRuns(
    a: string,
    b: string,
    query: ComparisonQuery = {},
    options: RequestOptions = {},
  ): Promise<answer.Comparison> {
    return this.#ask('compareRuns', { ...options, query: { a, b, ...query } })
  }

  /** Figures for Prometheus, in its text format. */
  async getMetrics({ signal }: RequestOptions = {}): Promise<string> {
    const path = spellPath('getMetrics', {}, {})
    return (await this.#connection.ask({ path, accept: 'text/plain', signal })).text()
  }

  /** The description of the API. */
  getOpenApi(options: RequestOptions = {}): Promise<answer.OpenApiDocument> {
    return this.#ask('getOpenApi', options)
  }

  async #ask<O extends Operation & keyof answer.Answers>(
    operation: O,
    { parameters = {}, query = {}, signal }: Question,
  ): Promise<answer.Answers[O]> {
    const path = spellPath(operation, parameters, query)
    const text = await (await this.#connection.ask({ path, accept: JSON_TYPE, signal })).text()
    // The server's tests hold its answers against their schemas; they are trusted here.
    return this.#read(text) as answer.Answers[O]
  }

  #readEvent(text: string): answer.RecordedEvent {
    return this.#read(text) as answer.RecordedEvent
  }

  #read(text: string): unknown {
    try {
      return this.#parse(text)
    } catch (cause) {
      throw new TurnlogConnectionError(`the answer is no JSON: ${text.slice(0, 200)}`, { cause })
    }
  }
}

function ofRun(simulationId: string): PathParameters {
  return { simulation_id: simulationId }
}

function ofEvent(simulationId: string, eventId: string): PathParameters {
  return { simulation_id: simulationId, event_id: eventId }
}
