import type { z } from 'zod'
import type { eventResponse, simulationItem } from '../responses.js'
import type { simulationResponse } from '../routes/get-simulation.js'
import type { healthResponse } from '../routes/health.js'
import type { eventsResponse } from '../routes/list-events.js'
import type { simulationsResponse } from '../routes/list-simulations.js'
import type { causalityResponse } from '../routes/trace-causality.js'

/** An event as its line spells it. */
export type RecordedEvent = z.infer<typeof eventResponse>
/** An event of which only some keys were asked for. */
export type PartialEvent = Partial<RecordedEvent>
/** See `GET /health`. */
export type Health = z.infer<typeof healthResponse>
/** A run in a list. */
export type SimulationItem = z.infer<typeof simulationItem>
/** See `GET /simulations`. */
export type SimulationList = z.infer<typeof simulationsResponse>
/** See `GET /simulations/{simulation_id}`. */
export type Simulation = z.infer<typeof simulationResponse>
type Page = Omit<z.infer<typeof eventsResponse>, 'events'>
/** See `GET /simulations/{simulation_id}/events`. */
export interface EventPage extends Page {
  events: RecordedEvent[]
}
/** An {@link EventPage} of which only some keys of the events were asked for. */
export interface PartialEventPage extends Page {
  events: PartialEvent[]
}
/** See `GET /simulations/{simulation_id}/causality/{event_id}`. */
export type Causality = z.infer<typeof causalityResponse>

/** An OpenAPI document; a library of its own reads the rest of it. */
export interface OpenApiDocument {
  openapi: string
  [key: string]: unknown
}

/** A stretch of turns or time, both ends in it. */
export interface Bucket {
  /** A turn, or a timestamp. */
  start: number | string
  end: number | string
  count: number
  /** The count by type or by agent; `''` are events without an agent. */
  split?: Record<string, number>
}

/** See `GET /simulations/{simulation_id}/histogram`. */
export interface Histogram {
  by: 'turn' | 'time'
  total: number
  buckets: Bucket[]
}

/** Events counted by type. */
export interface EventCounts {
  event_count: number
  events_by_type: Record<string, number>
}

/** See `GET /simulations/{simulation_id}/agents`. */
export interface AgentList {
  agents: (EventCounts & { agent_id: string })[]
  without_agent: EventCounts
}

/** See `GET /simulations/{simulation_id}/variables`. */
export interface VariableList {
  variables: {
    name: string
    event_count: number
    agents: { agent_id: string | null; event_count: number }[]
  }[]
}

/** A value that a variable took. */
export interface VariablePoint {
  event_id: string
  timestamp: string
  turn_number: number
  old_value: unknown
  new_value: unknown
}

/** See `GET /simulations/{simulation_id}/variables/{name}`. */
export interface VariablePage {
  name: string
  total: number
  series: { agent_id: string | null; points: VariablePoint[] }[]
  has_more: boolean
  next_cursor: string | null
}

/** See `GET /simulations/{simulation_id}/causality/{event_id}/path/{effect_id}`. */
export interface CausalPath {
  from: string
  to: string
  length: number
  path: RecordedEvent[]
}

/** What runs are compared in. */
export type Aspect = 'decisions' | 'actions' | 'state'

/** A run that was compared. */
export interface ComparedRun {
  id: string
  event_count: number
  first_turn: number | null
  last_turn: number | null
  events_by_type: Record<string, number>
}

/** A turn in which two runs differ. */
export interface TurnDifference {
  turn_number: number
  aspects: Aspect[]
  /** What the one has and the other has not. */
  a: Partial<Record<Aspect, RecordedEvent[]>>
  b: Partial<Record<Aspect, RecordedEvent[]>>
  counts: { a: Partial<Record<Aspect, number>>; b: Partial<Record<Aspect, number>> }
}

/** See `GET /compare`. */
export interface Comparison {
  a: ComparedRun
  b: ComparedRun
  first_difference: TurnDifference | null
  first_differing_turn: Record<Aspect, number | null>
  compared_turns: { first: number | null; last: number | null }
}

/** What each operation answers in JSON, by its operationId. */
export interface Answers {
  getHealth: Health
  listSimulations: SimulationList
  getSimulation: Simulation
  listEvents: EventPage
  getEvent: RecordedEvent
  countHistogram: Histogram
  listAgents: AgentList
  listVariables: VariableList
  readVariable: VariablePage
  traceCausality: Causality
  findCausalPath: CausalPath
  compareRuns: Comparison
  getOpenApi: OpenApiDocument
}
