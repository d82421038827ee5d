import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { unknownSimulation } from '../unknown-simulation.js'

/** A run as queries need it. */
export interface SimulationRef {
  readonly id: number
  readonly name: string
  /** Whether row ids run in the order of (timestamp, event_id). */
  readonly ordered: boolean
}

/**
 * Looks a run up by its id, the name of its directory.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND
 */
export async function findSimulation(snapshot: Snapshot, name: string): Promise<SimulationRef> {
  const row = await snapshot
    .selectFrom('simulation')
    .select(['id', 'name', 'ordered'])
    .where('name', '=', name)
    .executeTakeFirst()
  if (row !== undefined) {
    return { id: row.id, name: row.name, ordered: row.ordered === 1 }
  }
  throw unknownSimulation({
    message: `no simulation has the id ${JSON.stringify(name)}`,
    name,
    known: await readNeighbours(snapshot, name),
    help: '`turnlog ls` lists the ids there are',
  })
}

/** Of many runs, so many before a name and behind it may be meant. */
const MOST_NEIGHBOURS = 100

/** The runs that stand around a name in the order of names. */
async function readNeighbours(snapshot: Snapshot, name: string): Promise<string[]> {
  const names = snapshot.selectFrom('simulation').select('name').limit(MOST_NEIGHBOURS)
  const before = await names.where('name', '<', name).orderBy('name', 'desc').execute()
  const behind = await names.where('name', '>', name).orderBy('name').execute()
  return [...before, ...behind].map((row) => row.name)
}
