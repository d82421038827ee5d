import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { idList } from './id-list.js'

/** Some events, by their row ids. */
export interface TakenRows {
  readonly rows: readonly number[]
  /** How long their lines are in all. */
  readonly bytes: number
}

/** How long the lines of some events are in all, in bytes. */
export async function sumLengths(snapshot: Snapshot, rows: readonly number[]): Promise<number> {
  const { bytes } = await snapshot
    .selectFrom('event')
    .select((eb) => eb.fn.sum<number | null>('length').as('bytes'))
    .where('id', 'in', idList(rows))
    .executeTakeFirstOrThrow()
  return bytes ?? 0
}

/** The first of some events, up to the one whose line reaches a number of bytes in all. */
export async function takeUpTo(
  snapshot: Snapshot,
  rows: readonly number[],
  most: number,
): Promise<TakenRows> {
  const sum = await sumLengths(snapshot, rows)
  if (sum < most) return { rows, bytes: sum }
  const found = await snapshot
    .selectFrom('event')
    .select(['id', 'length'])
    .where('id', 'in', idList(rows))
    .execute()
  const lengths = new Map(found.map(({ id, length }) => [id, length]))
  let bytes = 0
  let count = 0
  for (const row of rows) {
    bytes += lengths.get(row) ?? 0
    count++
    if (bytes >= most) break
  }
  return { rows: rows.slice(0, count), bytes }
}
