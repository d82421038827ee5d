import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { ResolvedFilter } from './event-filter.js'
import { NO_ROWS, type RowRange } from './simulation-row.js'

/**
 * The rows among which everything lies that a filter matches: those of its
 * turns or, without a bound on turns, those of the run. A turn's events lie
 * together, or nearly so, so this is what makes a turn quick to find.
 */
export async function findRows(
  snapshot: Snapshot,
  { simulation, turnStart, turnEnd }: ResolvedFilter,
): Promise<RowRange> {
  if (turnStart === undefined && turnEnd === undefined) return simulation.rows
  const range = await snapshot
    .selectFrom('turn')
    .select(({ fn }) => [
      fn.min<number | null>('first_row').as('first'),
      fn.max<number | null>('last_row').as('last'),
    ])
    .where('simulation', '=', simulation.id)
    .$if(turnStart !== undefined, (query) => query.where('turn', '>=', turnStart ?? 0))
    .$if(turnEnd !== undefined, (query) => query.where('turn', '<=', turnEnd ?? 0))
    .executeTakeFirst()
  const { first = null, last = null } = range ?? {}
  return first === null || last === null ? NO_ROWS : { first, last }
}
