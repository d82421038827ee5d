import { inspect } from 'node:util'
import { TurnlogError } from '../errors.js'
import type { Verbosity } from '../event/verbosity.js'
import type { EventWriterOptions, Logger } from '../writer/writer-options.js'
import type { Action, Agent } from './agent.js'
import { AGENT_ERROR_POLICIES, type OnAgentError } from './decision-phase.js'
import type { Engine } from './engine.js'
import type { StateVariables } from './state-variables.js'
import type { Validator } from './validator.js'

/** What every simulation is configured with; the author's own keys hold anything JSON can. */
export interface SimulationConfig {
  readonly [key: string]: unknown
  /** The first part of the run's id. */
  readonly name: string
  /** Turns to play, unless the engine says before that it is over. */
  readonly turns: number
}

/** How the writer of a run is set up; the rest the orchestrator decides. */
export type RunWriterOptions = Omit<
  EventWriterOptions,
  'outputDir' | 'simulationId' | 'verbosity' | 'logger' | 'onInvalid'
>

/** How a simulation is set up. */
export interface OrchestratorOptions<S extends StateVariables, A extends Action> {
  /** Saved beside the events as `config.json`. */
  readonly config: SimulationConfig
  readonly engine: Engine<S, A>
  /** In the order in which they act. */
  readonly agents: readonly Agent<S, A>[]
  /** Without one, every action is valid. */
  readonly validator?: Validator<S, A>
  /** The run's directory is made below it. Default `output`. */
  readonly outputRoot?: string
  /** What is recorded. Default `ACTION`. */
  readonly eventVerbosity?: Verbosity
  /** How many agents may be deciding at a time. Default all. */
  readonly concurrency?: number
  /** `throw` (default) ends the run when an agent throws; `skip` records it and lets the agent sit out the turn. */
  readonly onAgentError?: OnAgentError
  /** Silent by default. */
  readonly logger?: Logger
  /** Queue, rotation, durability and custom types. */
  readonly writer?: RunWriterOptions
}

/** @throws TurnlogError SETTING_INVALID naming the option, its value and what it may be */
export function checkOptions<S extends StateVariables, A extends Action>(
  options: OrchestratorOptions<S, A>,
): void {
  const { config, agents, concurrency, onAgentError } = options
  const { name, turns } = config
  if (typeof name !== 'string' || name === '') throw invalid('config.name', name, 'a text')
  if (!Number.isSafeInteger(turns) || turns < 0) {
    throw invalid('config.turns', turns, 'a whole number from 0')
  }
  const ids = agents.map(({ id }) => id)
  for (const id of ids) {
    if (typeof id !== 'string' || id === '') throw invalid('the id of an agent', id, 'a text')
  }
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw invalid('the id of two agents', twice, 'unique in the run')
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency > 0)) {
    throw invalid('concurrency', concurrency, 'a whole number from 1')
  }
  if (onAgentError !== undefined && !AGENT_ERROR_POLICIES.includes(onAgentError)) {
    throw invalid('onAgentError', onAgentError, `one of ${AGENT_ERROR_POLICIES.join(', ')}`)
  }
}

function invalid(name: string, value: unknown, allowed: string): TurnlogError {
  return new TurnlogError('SETTING_INVALID', {
    message: `set up a SimulationOrchestrator: ${name} is ${inspect(value, { depth: 1 })}, not ${allowed}`,
    hint: 'the options of SimulationOrchestrator are documented at OrchestratorOptions',
  })
}
