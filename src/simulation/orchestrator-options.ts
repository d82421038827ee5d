import { inspect } from 'node:util'
import { TurnlogError } from '../errors.js'
import type { Verbosity } from '../event/verbosity.js'
import { type EventWriterOptions, type Logger, resolveOptions } from '../writer/writer-options.js'
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

/** The options of a run's writer. */
export function writerOptions<S extends StateVariables, A extends Action>(
  { eventVerbosity: verbosity, logger, writer }: OrchestratorOptions<S, A>,
  outputDir: string,
  simulationId: string,
): EventWriterOptions {
  return {
    ...writer,
    outputDir,
    simulationId,
    ...(verbosity === undefined ? {} : { verbosity }),
    ...(logger === undefined ? {} : { logger }),
  }
}

/** @throws TurnlogError SETTING_INVALID naming the option, its value and what it may be */
export function checkOptions<S extends StateVariables, A extends Action>(
  options: OrchestratorOptions<S, A>,
): void {
  checkFields(options)
  resolveOptions(writerOptions(options, '.', options.config.name))
}

function checkFields(options: unknown): void {
  // Callers without types hand in anything.
  const { config, engine, agents, validator, concurrency, onAgentError } = fieldsOf(options)
  const { name, turns } = fieldsOf(config)
  assertFits('config.name', name, isText(name), 'a text')
  assertFits('config.turns', turns, isCount(turns), 'a whole number from 0')
  assertFits(
    'engine',
    engine,
    hasMethods(engine, ['start', 'playTurn']),
    'one with start() and playTurn()',
  )
  if (validator !== undefined) {
    assertFits('validator', validator, hasMethods(validator, ['validate']), 'one with validate()')
  }
  if (concurrency !== undefined) {
    const fits = isCount(concurrency) && concurrency !== 0
    assertFits('concurrency', concurrency, fits, 'a whole number from 1')
  }
  if (onAgentError !== undefined) {
    const fits = AGENT_ERROR_POLICIES.some((policy) => policy === onAgentError)
    assertFits('onAgentError', onAgentError, fits, `one of ${AGENT_ERROR_POLICIES.join(', ')}`)
  }
  checkAgents(agents)
}

function checkAgents(agents: unknown): void {
  assertFits('agents', agents, Array.isArray(agents), 'a list')
  const ids = new Set<unknown>()
  const list: readonly unknown[] = Array.isArray(agents) ? agents : []
  for (const agent of list) {
    const { id } = fieldsOf(agent)
    assertFits(
      'an agent',
      agent,
      isText(id) && hasMethods(agent, ['decide']),
      'one with an id and decide()',
    )
    assertFits('the id of two agents', id, !ids.has(id), 'unique in the run')
    ids.add(id)
  }
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value : {}
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return names.every((name) => typeof fieldsOf(value)[name] === 'function')
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function assertFits(name: string, value: unknown, fits: boolean, allowed: string): void {
  if (fits) return
  throw new TurnlogError('SETTING_INVALID', {
    message: `set up a SimulationOrchestrator: ${name} is ${inspect(value, { depth: 1, breakLength: Infinity })}, not ${allowed}`,
    hint: 'the options of SimulationOrchestrator are documented at OrchestratorOptions',
  })
}
