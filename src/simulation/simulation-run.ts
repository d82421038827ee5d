import { setImmediate } from 'node:timers/promises'
import type { EventId } from '../event/event-id.js'
import { captures, DEFAULT_VERBOSITY } from '../event/verbosity.js'
import type { Flushable } from '../writer/exit-guard.js'
import type { Action } from './agent.js'
import { checkState } from './check-state.js'
import { type DecisionMemory, DecisionPhase } from './decision-phase.js'
import { describeError } from './describe-error.js'
import { andThen, forEachOf, isPromise, type MaybeAsync, unlessAborted } from './maybe-async.js'
import type { OrchestratorOptions } from './orchestrator-options.js'
import { createTools } from './recording-tools.js'
import { ResolutionPhase } from './resolution-phase.js'
import type { RecordedFailure, RunRecorder } from './run-recorder.js'
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
  readonly #snapshot: StateSnapshot
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
    const { eventVerbosity = DEFAULT_VERBOSITY } = options
    // What is not recorded need not be looked for.
    this.#snapshot = new StateSnapshot(captures(eventVerbosity, 'STATE'))
  }

  /** Turns that were played to their end. */
  get turns(): number {
    return this.#turns
  }

  /**
   * Plays all turns.
   *
   * @returns whether it came to the end or was told to stop
   * @throws RecordedFailure with what the engine, the validator or an agent threw
   */
  async play(): Promise<RunOutcome> {
    const signal = this.#signal
    try {
      return await this.#playAll()
    } catch (error) {
      // Whatever fails on account of the signal has nothing more to say.
      if (signal.aborted) return 'interrupted'
      throw this.#recorder.failure(error, `${this.#stage}_failed`, this.#before())
    }
  }

  async #playAll(): Promise<RunOutcome> {
    const { config, engine } = this.#options
    const started = this.#start()
    let state = isPromise(started) ? await unlessAborted(started, this.#signal) : started
    let yieldedAt = performance.now()
    for (let turn = 1; turn <= config.turns; turn++) {
      if (this.#signal.aborted) return 'interrupted'
      const isOver = engine.isOver?.(state) ?? false
      if (isPromise(isOver) ? await unlessAborted(isOver, this.#signal) : isOver) break
      const played = this.#playTurn(turn, state)
      state = isPromise(played) ? await unlessAborted(played, this.#signal) : played
      // Promises that are kept already give timers and signals no turn of theirs either.
      if (performance.now() - yieldedAt < YIELD_EVERY_MS) continue
      await setImmediate()
      yieldedAt = performance.now()
    }
    return this.#signal.aborted ? 'interrupted' : 'completed'
  }

  /** Records the end, once. @param failure what made it fail */
  end(outcome: RunOutcome, failure?: RecordedFailure): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const { type: error, message } = describeError(failure?.error)
    const why = failure === undefined ? {} : { error, error_message: message }
    const details = { outcome, turns: this.#turns, ...why }
    const description = `The simulation ends after ${this.#turns} turns: ${outcome}`
    const causes = failure === undefined ? this.#before() : [failure.eventId]
    this.#recorder.milestone({ milestoneType: 'simulation_end', description, details }, causes)
    this.#recorder.close()
    const { logger } = this.#options
    const about = { simulationId: this.#recorder.simulationId, outcome, turns: this.#turns }
    if (failure === undefined) logger?.info?.(about, `simulation ${outcome}`)
    else logger?.error({ ...about, err: failure.error }, 'simulation failed')
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
    const before = this.#before()
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
      resolution.end(next)
      this.#endTurn()
      return next
    })
  }

  /** What comes next comes from this. */
  #before(): readonly EventId[] {
    return this.#latest === undefined ? [] : [this.#latest]
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
