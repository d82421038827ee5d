import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { RejectItem } from './get-simulation.js'

/** A reject, and the run it is of. */
export interface RecordedReject extends RejectItem {
  readonly simulation_id: string
}

/** Some rejects, and where to go on; undefined at the end. */
export interface RejectPage {
  readonly rejects: readonly RecordedReject[]
  readonly next: number | undefined
}

const PAGE = 1_000

/**
 * Lines that are no events, in the order in which they were read.
 *
 * @param simulation the run; all of them unless given
 * @param after where the page before ended: its `next`
 */
export async function listRejects(
  snapshot: Snapshot,
  simulation: number | undefined,
  after = 0,
): Promise<RejectPage> {
  let query = snapshot
    .selectFrom('reject')
    .innerJoin('segment', 'segment.id', 'reject.segment')
    .innerJoin('simulation', 'simulation.id', 'reject.simulation')
    .select([
      'reject.id',
      'simulation.name as simulation_id',
      'segment.name as segment',
      'reject.offset',
      'reject.length',
      'reject.reason',
    ])
    .where('reject.id', '>', after)
    .orderBy('reject.id')
    .limit(PAGE)
  if (simulation !== undefined) query = query.where('reject.simulation', '=', simulation)
  const rows = await query.execute()
  return {
    rejects: rows.map(toReject),
    next: rows.length === PAGE ? rows.at(-1)?.id : undefined,
  }
}

function toReject(row: RecordedReject): RecordedReject {
  const { simulation_id, segment, offset, length, reason } = row
  return { simulation_id, segment, offset, length, reason }
}
