import { setMaxListeners } from 'node:events'
import { resolve } from 'node:path'
import { TurnlogError } from '../errors.js'
import { EventWriter } from '../writer/event-writer.js'
import { guardExit, unguardExit } from '../writer/exit-guard.js'
import type { StopReport } from '../writer/writer-stats.js'
import type { Action } from './agent.js'
import { checkOptions, type OrchestratorOptions, writerOptions } from './orchestrator-options.js'
import { createRunDirectory, type RunDirectory } from './run-directory.js'
import { RecordedFailure, RunRecorder } from './run-recorder.js'
import { type RunOutcome, SimulationRun } from './simulation-run.js'
import type { StateVariables } from './state-variables.js'

/** What became of a run. */
export interface RunReport {
  readonly simulationId: string
  /** Where its events and its `config.json` are. */
  readonly directory: string
  readonly outcome: RunOutcome
  /** Turns that were played to their end. */
  readonly turns: number
  /** What the writer says of it. */
  readonly recording: StopReport
}

const DEFAULT_OUTPUT_ROOT = 'output'

/**
 * Plays a simulation turn by turn and records all of it: what each agent
 * decides and does, what the validator refuses, every variable that changes,
 * what engine and agents report, and what caused what. Owns the writer: it is
 * started with the run and stopped at its end, however that comes.
 */
export class SimulationOrchestrator<S extends StateVariables, A extends Action = Action> {
  readonly #options: OrchestratorOptions<S, A>
  #directory: RunDirectory | undefined

  /** @throws TurnlogError SETTING_INVALID */
  constructor(options: OrchestratorOptions<S, A>) {
    checkOptions(options)
    this.#options = options
  }

  /** The id of the run, `{name}-{YYYYMMDD-HHMMSS}-{n}agents`; known as soon as `run` was called. */
  get simulationId(): string | undefined {
    return this.#directory?.simulationId
  }

  /**
   * Plays the simulation, once. Synchronous engines and agents run without a
   * pause but for a moment every 50 ms, in which timers and signals are served.
   *
   * @param options `signal` ends the run in the middle of a turn
   * @throws what the engine, the validator or an agent throws, after recording it;
   *   TurnlogError SIMULATION_INVALID, SIMULATION_ID_INVALID, SETTING_INVALID or WRITER_FAILED
   */
  async run({ signal }: { signal?: AbortSignal } = {}): Promise<RunReport> {
    if (this.#directory !== undefined) throw alreadyRun(this.#directory)
    const { config, agents, outputRoot = DEFAULT_OUTPUT_ROOT } = this.#options
    const directory = createRunDirectory(resolve(outputRoot), config, agents.length, new Date())
    this.#directory = directory
    const { simulationId, path } = directory
    const writer = this.#createWriter(resolve(outputRoot), simulationId)
    const failed = new AbortController()
    const ended = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
    // Every call of every agent may listen to it.
    setMaxListeners(0, ended)
    const run = new SimulationRun(this.#options, new RunRecorder(writer, simulationId), ended)
    // Before the writer, so that at the end of the process the end is recorded before it is flushed.
    guardExit(run)
    try {
      writer.start()
      const outcome = await play(run, failed)
      const { turns } = run
      return { simulationId, directory: path, outcome, turns, recording: await writer.stop() }
    } finally {
      unguardExit(run)
      await writer.stop()
    }
  }

  #createWriter(outputDir: string, simulationId: string): EventWriter {
    return new EventWriter(writerOptions(this.#options, outputDir, simulationId))
  }
}

/** Plays and records the end. @throws what made the run fail */
async function play<S extends StateVariables, A extends Action>(
  run: SimulationRun<S, A>,
  failed: AbortController,
): Promise<RunOutcome> {
  try {
    const outcome = await run.play()
    run.end(outcome)
    return outcome
  } catch (failure) {
    if (!(failure instanceof RecordedFailure)) throw failure
    run.end('failed', failure)
    failed.abort(failure.error)
    throw failure.error
  }
}

function alreadyRun({ simulationId }: RunDirectory): TurnlogError {
  return new TurnlogError('SIMULATION_INVALID', {
    message: `run a simulation: this one was run as ${simulationId}`,
    hint: 'make a new SimulationOrchestrator, with a new engine, for each run',
  })
}
