import { TurnlogError } from '../errors.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'

/** A run as queries need it. */
export interface SimulationRef {
  readonly id: number
  readonly name: string
  /** Whether row ids run in the order of (timestamp, event_id). */
  readonly ordered: boolean
  /** Where its events lie among the rows. */
  readonly rows: RowRange
}

/** Row ids from `first` to `last`, both included; none when `last` is smaller. */
export interface RowRange {
  readonly first: number
  readonly last: number
}

/** A range without rows. */
export const NO_ROWS: RowRange = { first: 1, last: 0 }

/**
 * Looks a run up by its id, the name of its directory.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND
 */
export async function findSimulation(snapshot: Snapshot, name: string): Promise<SimulationRef> {
  const row = await snapshot
    .selectFrom('simulation')
    .select(['id', 'name', 'ordered', 'first_row', 'last_row'])
    .where('name', '=', name)
    .executeTakeFirst()
  if (row !== undefined) {
    const { id, ordered, first_row: first, last_row: last } = row
    const rows = first === null || last === null ? NO_ROWS : { first, last }
    return { id, name: row.name, ordered: ordered === 1, rows }
  }
  throw new TurnlogError('SIMULATION_NOT_FOUND', {
    message: `no simulation has the id ${JSON.stringify(name)}`,
    hint: 'GET /simulations lists the ids there are',
  })
}
