import type { Action, Agent, Choice, DecisionContext } from '#src/simulation/agent.js'
import type { Engine, Turn } from '#src/simulation/engine.js'
import type { OrchestratorOptions } from '#src/simulation/orchestrator-options.js'
import { type RunReport, SimulationOrchestrator } from '#src/simulation/simulation-orchestrator.js'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { temporaryDirectory } from './temporary-directory.js'
import { expectBalanced, recorded } from './writing.js'

/** A world so small that a test can tell all of it. */
export interface World {
  readonly global: { weather: string; harvests: number }
  readonly agents: Record<string, { gold: number; friends?: string[] }>
}

type Setup = Partial<OrchestratorOptions<World, Action>>
type Play = (world: World, turn: Turn<World>) => World | Promise<World>

/** The options of a run of one turn in which nothing happens, but for what a test says. */
export function options(setup: Setup = {}): OrchestratorOptions<World, Action> {
  return {
    config: { name: 'world', turns: 1 },
    engine: engine(),
    agents: [],
    outputRoot: temporaryDirectory(),
    eventVerbosity: 'DETAIL',
    ...setup,
  }
}

/** An engine that plays turns as a test says. */
export function engine(playTurn: Play = (world) => world): Engine<World> {
  return {
    start: () => ({
      global: { weather: 'sun', harvests: 0 },
      agents: { anna: { gold: 5 }, ben: { gold: 3 } },
    }),
    playTurn,
  }
}

/** An agent that decides as a test says. */
export function agent(
  id: string,
  decide: (context: DecisionContext<World>) => Choice | Promise<Choice>,
): Agent<World> {
  return { id, decide }
}

/** A run that is over, and what it recorded. */
export interface Played {
  readonly report: RunReport
  readonly events: readonly TurnlogEvent[]
}

/** Plays a run and reads it back; its account must be balanced. */
export async function play(setup: Setup = {}): Promise<Played> {
  const all = options(setup)
  const report = await new SimulationOrchestrator(all).run()
  const events = recorded(all.outputRoot ?? '', report.simulationId)
  expectBalanced(report.recording.stats, events)
  return { report, events }
}

/** The word an event has for itself: what it marks, decides, does, changes … */
export function wordOf({ event_type: type, details }: TurnlogEvent): string {
  switch (type) {
    case 'MILESTONE':
      return details.milestone_type
    case 'DECISION':
      return details.decision_type
    case 'ACTION':
      return details.action_type
    case 'STATE':
      return details.variable_name
    case 'DETAIL':
      return details.calculation_type
    case 'SYSTEM':
      return details.error_type ?? details.status
  }
}

/** Each event behind the turn `since`, as its word and those of its causes: `gold < trade, phase`. */
export function links(events: readonly TurnlogEvent[], since = 1): string[] {
  const words = new Map(events.map((event) => [event.event_id, wordOf(event)]))
  return events
    .filter(({ turn_number: turn }) => turn >= since)
    .map((event) => {
      const causes = (event.caused_by ?? []).map((id) => words.get(id) ?? `unknown ${id}`)
      return `${wordOf(event)} < ${causes.join(', ')}`
    })
}
