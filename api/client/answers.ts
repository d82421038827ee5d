import type { z } from 'zod'
import type { eventResponse, simulationItem } from '../responses.js'
import type { comparisonResponse } from '../routes/compare-runs.js'
import type { histogramResponse } from '../routes/count-histogram.js'
import type { causalPathResponse } from '../routes/find-causal-path.js'
import type { simulationResponse } from '../routes/get-simulation.js'
import type { healthResponse } from '../routes/health.js'
import type { agentsResponse } from '../routes/list-agents.js'
import type { eventsResponse } from '../routes/list-events.js'
import type { simulationsResponse } from '../routes/list-simulations.js'
import type { variablesResponse } from '../routes/list-variables.js'
import type { variableResponse } from '../routes/read-variable.js'
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

/** See `GET /simulations/{simulation_id}/histogram`. */
export type Histogram = z.infer<typeof histogramResponse>
/** A stretch of turns or time, both ends in it. */
export type Bucket = Histogram['buckets'][number]

/** See `GET /simulations/{simulation_id}/agents`. */
export type AgentList = z.infer<typeof agentsResponse>
/** Events counted by type. */
export type EventCounts = AgentList['without_agent']

/** See `GET /simulations/{simulation_id}/variables`. */
export type VariableList = z.infer<typeof variablesResponse>
/** See `GET /simulations/{simulation_id}/variables/{name}`. */
export type VariablePage = z.infer<typeof variableResponse>
/** A value that a variable took. */
export type VariablePoint = VariablePage['series'][number]['points'][number]

/** See `GET /simulations/{simulation_id}/causality/{event_id}/path/{effect_id}`. */
export type CausalPath = z.infer<typeof causalPathResponse>

/** See `GET /compare`. */
export type Comparison = z.infer<typeof comparisonResponse>
/** A run that was compared. */
export type ComparedRun = Comparison['a']
/** A turn in which two runs differ. */
export type TurnDifference = NonNullable<Comparison['first_difference']>
/** What runs are compared in. */
export type Aspect = TurnDifference['aspects'][number]

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
