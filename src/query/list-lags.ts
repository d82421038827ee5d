import type { Snapshot } from '../sidecar/sidecar-reader.js'

/** How many bytes of each run are not indexed, as of the indexer's last look; by the run's id. */
export async function listLags(snapshot: Snapshot): Promise<ReadonlyMap<string, number>> {
  const rows = await snapshot
    .selectFrom('segment')
    .innerJoin('simulation', 'simulation.id', 'segment.simulation')
    .select((eb) => [
      'simulation.name',
      eb.fn.sum<number>(eb('segment.size', '-', eb.ref('segment.checkpoint'))).as('lag'),
    ])
    .groupBy('simulation.name')
    .execute()
  return new Map(rows.map(({ name, lag }) => [name, lag]))
}
