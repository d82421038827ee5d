export * from './event/builders.js'
export {
  type ActionDetails,
  type ActionType,
  type CustomEventOptions,
  type CustomType,
  type DecisionType,
  defineActionType,
  defineDecisionType,
} from './event/custom-type.js'
export {
  type ActionEvent,
  actionEventSchema,
  type DecisionEvent,
  decisionEventSchema,
  type DetailEvent,
  detailEventSchema,
  eventSchema,
  type MilestoneEvent,
  milestoneEventSchema,
  type MilestoneType,
  type StateEvent,
  type StateScope,
  stateEventSchema,
  type SystemEvent,
  type SystemStatus,
  systemEventSchema,
  type TurnlogEvent,
} from './event/event-schema.js'
export { EVENT_TYPES, type EventType, type RecordedEventType } from './event/event-type.js'
export { CAPTURED_TYPES, type Verbosity, VERBOSITY_LEVELS } from './event/verbosity.js'
export type {
  Action,
  Agent,
  Choice,
  Decision,
  DecisionContext,
  RecordingTools,
} from './simulation/agent.js'
export type { OnAgentError } from './simulation/decision-phase.js'
export type {
  Engine,
  Interaction,
  RecordedAction,
  RecordedDeed,
  Turn,
} from './simulation/engine.js'
export type {
  OrchestratorOptions,
  RunWriterOptions,
  SimulationConfig,
} from './simulation/orchestrator-options.js'
export {
  type CallOptions,
  type CallRecording,
  createRecordCall,
  type RecordCall,
} from './simulation/record-call.js'
export { type RunReport, SimulationOrchestrator } from './simulation/simulation-orchestrator.js'
export type { RunOutcome } from './simulation/simulation-run.js'
export type { StateVariables } from './simulation/state-variables.js'
export type { TokenUsage } from './simulation/token-usage.js'
export type { ActionContext, Validator, Verdict } from './simulation/validator.js'
export type { RejectItem, SegmentItem, SimulationSummary } from './query/get-simulation.js'
export type { SimulationItem } from './query/list-simulations.js'
export { openStore, type StoreOptions } from './store/open-store.js'
export type {
  CausalityQuery,
  EventFilter,
  EventsQuery,
  Fields,
  Instant,
} from './store/events-query.js'
export type {
  CausalLink,
  Causality,
  PartialEvent,
  RecordedEvent,
  TracedEvent,
} from './store/recorded-event.js'
export type { Store } from './store/store.js'
export { ERROR_CODES, type ErrorCode, TurnlogError } from './errors.js'
export type { Cause } from './writer/causal-context.js'
export { EventWriter } from './writer/event-writer.js'
export type { EmitResult, StopReport, WriterStats } from './writer/writer-stats.js'
export type {
  Durability,
  EventWriterOptions,
  Logger,
  OnInvalid,
  Overflow,
} from './writer/writer-options.js'
