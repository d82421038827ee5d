import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { type CellCount, countByCell, countTypes, sumCounts } from './cell-counts.js'
import { groupByWord } from './group-by-word.js'
import { findSimulation } from './simulation-row.js'

/** The agents of a run. */
export interface AgentList {
  /** By their ids. */
  readonly agents: readonly AgentItem[]
  /** The events that are of no agent. */
  readonly without_agent: EventCounts
}

/** An agent and its events. */
export interface AgentItem extends EventCounts {
  readonly agent_id: string
}

/** How many events there are. */
export interface EventCounts {
  readonly event_count: number
  /** By type, as the lines spell it. */
  readonly events_by_type: Readonly<Record<string, number>>
}

/**
 * Every agent that a run has events of.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND
 */
export async function listAgents(snapshot: Snapshot, simulationName: string): Promise<AgentList> {
  const simulation = await findSimulation(snapshot, simulationName)
  const agents: AgentItem[] = []
  let withoutAgent = describe([])
  const counts = await countByCell(snapshot, simulation)
  for (const [id, ofAgent] of groupByWord(counts, ({ agentId }) => agentId)) {
    if (id === null) withoutAgent = describe(ofAgent)
    else agents.push({ agent_id: id, ...describe(ofAgent) })
  }
  return { agents, without_agent: withoutAgent }
}

function describe(counts: readonly CellCount[]): EventCounts {
  return { event_count: sumCounts(counts), events_by_type: countTypes(counts) }
}
