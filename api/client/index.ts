export type {
  AgentList,
  Aspect,
  Bucket,
  CausalPath,
  Causality,
  ComparedRun,
  Comparison,
  EventCounts,
  EventPage,
  Health,
  Histogram,
  OpenApiDocument,
  PartialEvent,
  PartialEventPage,
  RecordedEvent,
  Simulation,
  SimulationItem,
  SimulationList,
  TurnDifference,
  VariableList,
  VariablePage,
  VariablePoint,
} from './answers.js'
export { type ErrorDetail, TurnlogApiError, TurnlogConnectionError } from './client-errors.js'
export type { ClientOptions, Fetch } from './connection.js'
export type { FollowedEvent, FollowOptions } from './event-follower.js'
export type {
  CausalityQuery,
  ComparisonQuery,
  EventFilter,
  EventsQuery,
  Fields,
  HistogramQuery,
  Instant,
  VariableQuery,
} from './queries.js'
export { type RequestOptions, TurnlogClient } from './turnlog-client.js'
