import type { Snapshot } from '../sidecar/sidecar-reader.js'

/** What a sidecar holds, and how far it is behind. */
export interface SidecarTotals {
  readonly simulations: number
  readonly segments: number
  readonly events: number
  readonly rejects: number
  /** Bytes that are not indexed, as of the indexer's last look. */
  readonly lag_bytes: number
  /** Events that the full-text index does not have. */
  readonly search_lag_events: number
}

/** Sums up the whole sidecar. */
export async function getTotals(snapshot: Snapshot): Promise<SidecarTotals> {
  const runs = await snapshot
    .selectFrom('simulation')
    .select((eb) => [
      eb.fn.countAll<number>().as('simulations'),
      eb.fn.coalesce(eb.fn.sum<number>('event_count'), eb.lit(0)).as('events'),
      eb.fn.coalesce(eb.fn.sum<number>('reject_count'), eb.lit(0)).as('rejects'),
    ])
    .executeTakeFirstOrThrow()
  const files = await snapshot
    .selectFrom('segment')
    .select((eb) => [
      eb.fn.countAll<number>().as('segments'),
      eb.fn.coalesce(eb.fn.sum<number>('size'), eb.lit(0)).as('size'),
      eb.fn.coalesce(eb.fn.sum<number>('checkpoint'), eb.lit(0)).as('checkpoint'),
    ])
    .executeTakeFirstOrThrow()
  const search = await snapshot
    .selectFrom('search_progress')
    .select('events')
    .executeTakeFirstOrThrow()
  return {
    simulations: runs.simulations,
    segments: files.segments,
    events: runs.events,
    rejects: runs.rejects,
    lag_bytes: files.size - files.checkpoint,
    search_lag_events: runs.events - search.events,
  }
}
