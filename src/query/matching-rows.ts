import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { EventFilter } from './event-filter.js'
import { findCandidates } from './find-candidates.js'
import { lookThrough } from './look-through.js'
import type { SimulationRef } from './simulation-row.js'
import type { WorkLimit } from './work-limit.js'

/**
 * The row ids of all events of a run that a filter matches, in the order of
 * (timestamp, event_id), part by part: for what is to be found out about them.
 *
 * @throws TurnlogError QUERY_TOO_BROAD or SEARCH_UNAVAILABLE
 */
export async function* matchingRows(
  snapshot: Snapshot,
  simulation: SimulationRef,
  filter: EventFilter,
  limit: WorkLimit,
): AsyncGenerator<readonly number[]> {
  const rest = (): Promise<void> => limit.pause()
  const candidates = await findCandidates(snapshot, simulation, filter, { rest, mayBeRare: true })
  for await (const { rows } of lookThrough(candidates, 'asc', 0, candidates.matches.total)) {
    yield rows
    await rest()
  }
}
