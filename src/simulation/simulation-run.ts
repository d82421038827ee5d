import { setImmediate } from 'node:timers/promises'
import { TurnlogError } from '../errors.js'
import type { EventId } from '../event/event-id.js'
import type { Flushable } from '../writer/exit-guard.js'
import type { Action } from './agent.js'
import { type DecisionMemory, DecisionPhase } from './decision-phase.js'
import { andThen, forEachOf, isPromise, type MaybeAsync } from './maybe-async.js'
import type { OrchestratorOptions } from './orchestrator-options.js'
import { createTools } from './recording-tools.js'
import { ResolutionPhase } from './resolution-phase.js'
import type { RunRecorder } from './run-recorder.js'
import { StateSnapshot } from './state-snapshot.js'
import type { StateVariables } from './state-variables.js'

/** How a run ended: it was played to its end, something threw, or it was stopped before. */
export type RunOutcome = 'completed' | 'failed' | 'interrupted'

/** How long synchronous turns go on before timers and signals get their turn, in milliseconds. */
const YIELD_EVERY_MS = 50
/** The most events a turn_end names as its causes: the last ones. */
const MAX_OUTCOMES = 10_000

/** A simulation being played, from its first event to its last. */
export class SimulationRun<S extends StateVariables, A extends Action> implements Flushable {
  readonly #options: OrchestratorOptions<S, A>
  readonly #recorder: RunRecorder
  readonly #signal: AbortSignal
  readonly #snapshot = new StateSnapshot()
  readonly #memory: DecisionMemory = new Map()
  #turns = 0
  /** What is played at the moment, or was played last. */
  #latest: EventId | undefined
  #stage: 'engine' | 'validator' = 'engine'
  #hasEnded = false

  /** @param signal ends the run where it is */
  constructor(options: OrchestratorOptions<S, A>, recorder: RunRecorder, signal: AbortSignal) {
    this.#options = options
    this.#recorder = recorder
    this.#signal = signal
  }

  /** Turns that were played to their end. */
  get turns(): number {
    return this.#turns
  }

  /**
   * Plays all turns.
   *
   * @returns whether it came to the end or was told to stop
   * @throws what the engine, the validator or an agent throws
   */
  async play(): Promise<RunOutcome> {
    const { config, engine } = this.#options
    const started = this.#start()
    let state = isPromise(started) ? await started : started
    let yieldedAt = performance.now()
    for (let turn = 1; turn <= config.turns; turn++) {
      if (engine.isOver?.(state) === true) break
      if (this.#signal.aborted) return 'interrupted'
      const played = this.#playTurn(turn, state)
      if (isPromise(played)) {
        state = await played
      } else {
        state = played
        if (performance.now() - yieldedAt < YIELD_EVERY_MS) continue
        await setImmediate()
      }
      yieldedAt = performance.now()
    }
    return this.#signal.aborted ? 'interrupted' : 'completed'
  }

  /** Records the end, once. @param error what made it fail */
  end(outcome: RunOutcome, error?: unknown): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const latest = this.#latest === undefined ? [] : [this.#latest]
    const causes =
      outcome === 'failed'
        ? [this.#recorder.failure(error, `${this.#stage}_failed`, latest)]
        : latest
    const details = { outcome, turns: this.#turns }
    this.#tell(details, error)
    const description = `The simulation ends after ${this.#turns} turns: ${outcome}`
    this.#recorder.milestone({ milestoneType: 'simulation_end', description, details }, causes)
  }

  #tell(details: { readonly outcome: RunOutcome; readonly turns: number }, error: unknown): void {
    const { logger } = this.#options
    const about = { simulationId: this.#recorder.simulationId, ...details }
    if (details.outcome === 'failed') logger?.error({ ...about, err: error }, 'simulation failed')
    else logger?.info?.(about, `simulation ${details.outcome}`)
  }

  /** At the end of the process; the writer flushes after this. */
  flushNow(): void {
    this.end('interrupted')
  }

  #start(): MaybeAsync<S> {
    const { config, agents, engine } = this.#options
    const recorder = this.#recorder
    const details = { name: config.name, turns: config.turns, agents: agents.map(({ id }) => id) }
    const description = `${config.name} starts with ${agents.length} agents`
    const beginning = { milestoneType: 'simulation_start', description, details } as const
    const start = recorder.milestone(beginning, [])
    const { logger } = this.#options
    logger?.info?.({ simulationId: recorder.simulationId, ...details }, 'simulation starts')
    this.#latest = start
    const tools = createTools({ recorder, signal: this.#signal, causes: () => [start] })
    return andThen(
      recorder.writer.within(start, () => engine.start(tools)),
      (state) => {
        checkState(state)
        for (const change of this.#snapshot.update(state)) recorder.change(change, [start])
        return state
      },
    )
  }

  #playTurn(turn: number, state: S): MaybeAsync<S> {
    const recorder = this.#recorder
    const before = this.#latest === undefined ? [] : [this.#latest]
    recorder.beginTurn(turn)
    const beginning = { milestoneType: 'turn_start', description: `Turn ${turn} starts` } as const
    const turnStart = recorder.milestone(beginning, before)
    this.#latest = turnStart
    return andThen(this.#decide(turnStart, state), (phase) => this.#resolve(phase, state))
  }

  #decide(turnStart: EventId, state: S): MaybeAsync<DecisionPhase<S, A>> {
    const { agents, validator, logger, onAgentError = 'throw' } = this.#options
    const { concurrency = agents.length } = this.#options
    const phase = new DecisionPhase<S, A>({
      recorder: this.#recorder,
      signal: this.#signal,
      memory: this.#memory,
      validator,
      onAgentError,
      logger,
      turnStart,
      state,
    })
    this.#stage = 'validator'
    const decided = forEachOf(agents, concurrency, (agent) => phase.run(agent))
    return andThen(decided, () => phase)
  }

  #resolve(decisions: DecisionPhase<S, A>, state: S): MaybeAsync<S> {
    if (this.#signal.aborted) return state
    this.#stage = 'engine'
    const { agents, engine } = this.#options
    const recorder = this.#recorder
    const resolution = new ResolutionPhase<S, A>({
      recorder,
      snapshot: this.#snapshot,
      signal: this.#signal,
      actions: decisions.actionsOf(agents),
      state,
    })
    const play = (): MaybeAsync<S> => engine.playTurn(state, resolution.turn)
    return andThen(recorder.writer.within(resolution.phase, play), (next) => {
      if (this.#signal.aborted) return state
      checkState(next)
      resolution.end(next)
      this.#endTurn()
      return next
    })
  }

  #endTurn(): void {
    const { turnNumber, outcomes } = this.#recorder
    const ending = {
      milestoneType: 'turn_end',
      description: `Turn ${turnNumber} ends`,
    } as const
    this.#latest = this.#recorder.milestone(ending, outcomes.slice(-MAX_OUTCOMES))
    this.#turns++
  }
}

/** Engines without types give anything. */
function checkState(state: unknown): void {
  if (typeof state === 'object' && state !== null) return
  throw new TurnlogError('SIMULATION_INVALID', {
    message: `play a simulation: the engine gave ${String(state)} for the state`,
    hint: 'start() and playTurn() give the state, also after changing it in place',
  })
}
