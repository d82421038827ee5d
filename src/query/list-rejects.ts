import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { RejectItem } from './get-simulation.js'

/** A reject, and the run it is of. */
export interface RecordedReject extends RejectItem {
  readonly simulation_id: string
}

/** A reject, and what tells whether a file is the segment it is in. */
export interface PlacedReject extends RecordedReject {
  /** So many bytes of the segment have been read, */
  readonly checkpoint: number
  /** and the last of them have this fingerprint. */
  readonly tail_crc: number
}

/** Some rejects, and where to go on; undefined at the end. */
export interface RejectPage {
  readonly rejects: readonly PlacedReject[]
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
      'segment.checkpoint',
      'segment.tail_crc',
    ])
    .where('reject.id', '>', after)
    .orderBy('reject.id')
    .limit(PAGE)
  if (simulation !== undefined) query = query.where('reject.simulation', '=', simulation)
  const rows = await query.execute()
  return {
    rejects: rows.map(withoutRow),
    next: rows.length === PAGE ? rows.at(-1)?.id : undefined,
  }
}

function withoutRow(row: PlacedReject): PlacedReject {
  const { simulation_id, segment, offset, length, reason, checkpoint, tail_crc } = row
  return { simulation_id, segment, offset, length, reason, checkpoint, tail_crc }
}
