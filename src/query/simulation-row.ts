import { TurnlogError } from '../errors.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'

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
  throw new TurnlogError('SIMULATION_NOT_FOUND', {
    message: `no simulation has the id ${JSON.stringify(name)}`,
    hint: 'GET /simulations lists the ids there are',
  })
}
