import { eventTypeOfCode, spellingsOf } from '../event/event-type.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { type CellCount, countByCell, sumCounts } from './cell-counts.js'
import { groupByWord } from './group-by-word.js'
import { findSimulation } from './simulation-row.js'

/** A variable, and how often it changed. */
export interface VariableItem {
  readonly name: string
  readonly event_count: number
  /** Whose it is: by their ids, what is of no agent (null) first. */
  readonly agents: readonly VariableAgent[]
}

/** How often a variable of an agent changed. */
export interface VariableAgent {
  readonly agent_id: string | null
  readonly event_count: number
}

/**
 * Every variable that a run has changes of, by name.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND
 */
export async function listVariables(
  snapshot: Snapshot,
  simulationName: string,
): Promise<VariableItem[]> {
  const simulation = await findSimulation(snapshot, simulationName)
  const changes = (await countByCell(snapshot, simulation)).filter(isOfVariable)
  return groupByWord(changes, ({ kind }) => kind).flatMap(([name, counts]) =>
    name === null ? [] : [describe(name, counts)],
  )
}

/** STATE and ENV, the types of changes, keep the name of the variable as their kind. */
function isOfVariable({ type }: CellCount): boolean {
  return spellingsOf('STATE').includes(eventTypeOfCode(type))
}

function describe(name: string, counts: readonly CellCount[]): VariableItem {
  return {
    name,
    event_count: sumCounts(counts),
    agents: groupByWord(counts, ({ agentId }) => agentId).map(([agentId, ofAgent]) => ({
      agent_id: agentId,
      event_count: sumCounts(ofAgent),
    })),
  }
}
