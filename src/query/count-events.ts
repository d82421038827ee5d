import { TURNS_PER_BUCKET } from '../sidecar/schema.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { isOneOf, matchesFilter, type ResolvedFilter } from './event-filter.js'
import { findRows } from './row-range.js'

/**
 * How many events match, exactly. Counted from the rollup wherever whole
 * buckets of turns match; only the turns at the edges of a range, and bounds in
 * time, are counted event by event.
 */
export async function countEvents(snapshot: Snapshot, filter: ResolvedFilter): Promise<number> {
  const { turnStart, turnEnd } = filter
  if (filter.startTimestamp !== undefined || filter.endTimestamp !== undefined) {
    return countRows(snapshot, filter)
  }
  const firstBucket = turnStart === undefined ? 0 : Math.ceil(turnStart / TURNS_PER_BUCKET)
  const endBucket = turnEnd === undefined ? Infinity : Math.floor((turnEnd + 1) / TURNS_PER_BUCKET)
  if (firstBucket >= endBucket) return countRows(snapshot, filter)

  let total = await countBuckets(snapshot, filter, firstBucket, endBucket)
  const firstTurn = firstBucket * TURNS_PER_BUCKET
  if (turnStart !== undefined && turnStart < firstTurn) {
    total += await countRows(snapshot, { ...filter, turnEnd: firstTurn - 1 })
  }
  const endTurn = endBucket * TURNS_PER_BUCKET
  if (turnEnd !== undefined && turnEnd >= endTurn) {
    total += await countRows(snapshot, { ...filter, turnStart: endTurn })
  }
  return total
}

async function countBuckets(
  snapshot: Snapshot,
  { simulation, types, agents }: ResolvedFilter,
  firstBucket: number,
  endBucket: number,
): Promise<number> {
  const row = await snapshot
    .selectFrom('rollup')
    .select(({ fn }) => fn.sum<number | null>('rollup.events').as('events'))
    .where('rollup.simulation', '=', simulation.id)
    .where('rollup.bucket', '>=', firstBucket)
    .$if(endBucket !== Infinity, (query) => query.where('rollup.bucket', '<', endBucket))
    .$if(types !== undefined, (query) =>
      query.where((eb) => isOneOf(eb.ref('rollup.type'), types ?? [])),
    )
    .$if(agents !== undefined, (query) =>
      query.where((eb) => isOneOf(eb.ref('rollup.agent'), agents ?? [])),
    )
    .executeTakeFirst()
  return row?.events ?? 0
}

async function countRows(snapshot: Snapshot, filter: ResolvedFilter): Promise<number> {
  const row = await snapshot
    .selectFrom('event')
    .select(({ fn }) => fn.countAll<number>().as('events'))
    .where(matchesFilter(filter, await findRows(snapshot, filter)))
    .executeTakeFirst()
  return row?.events ?? 0
}
