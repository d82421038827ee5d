import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { SimulationRef } from './simulation-row.js'

/** How far an indexer is with a run. */
export interface ReadingState {
  readonly events: number
  /** Whether files of it are being read, or none has been yet. */
  readonly isBeingRead: boolean
}

/** Tells whether events of a run that are missing may be there soon. */
export async function readReadingState(
  snapshot: Snapshot,
  simulation: SimulationRef,
): Promise<ReadingState> {
  const segments = await snapshot
    .selectFrom('segment')
    .select(['event_count', 'modified_ms'])
    .where('simulation', '=', simulation.id)
    .execute()
  return {
    events: segments.reduce((sum, segment) => sum + segment.event_count, 0),
    isBeingRead: segments.length === 0 || segments.some((segment) => segment.modified_ms < 0),
  }
}
