import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { MAX_BLOCK_LINES } from '../segment/block-reader.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { SimulationRef } from './simulation-row.js'

/** The number of an event's row; 0 stands before all of them. */
export type RowId = number

/** A row, to be recognised later. */
export interface RowMark {
  readonly row: RowId
  /** The run whose row it is: another, or none, when rows were taken out since. */
  readonly owner: number | undefined
}

/** Before every row. */
export const BEFORE_ALL: RowMark = { row: 0, owner: undefined }

/** A row of a run, and how long its line is, in bytes. */
export interface ArrivedRow {
  readonly id: RowId
  readonly length: number
}

/** Rows of a run in the order of arrival. */
export interface Arrivals {
  readonly rows: readonly ArrivedRow[]
  /** Where to go on: what arrived behind these has rows behind this one. */
  readonly end: RowMark
}

/** From where everything is read that arrived behind an event. */
export interface ArrivalPlace {
  readonly after: RowMark
  /** Whether events that arrived before it are read first, and it itself. */
  readonly isEarlier: boolean
}

/** Where the line of a row stands. */
interface LinePlace extends ArrivedRow {
  readonly segment: number
  readonly offset: number
}

/** How many rows are taken at once, where that can be. */
const ROWS_AT_ONCE = 4_000

/**
 * Reads rows of a run behind a mark in the order of arrival: as their lines stand
 * in the files, which stays when a sidecar is built anew. Blocks of lines get rows
 * that follow each other, but within a block rows are in the order of time; where
 * that is another order, the lines that are mixed up are taken together. No rows
 * and an `end` further on: up to there, all rows are of other runs.
 *
 * @returns undefined when the row of the mark is not what it was
 * @throws RangeError when a damaged sidecar mixes up more than a block has
 */
export async function readArrivals(
  snapshot: Snapshot,
  simulation: SimulationRef,
  after: RowMark,
): Promise<Arrivals | undefined> {
  const mark = await markRow(snapshot, after.row)
  if (mark.owner !== after.owner) return undefined
  const until = await nextStop(snapshot, after.row)
  if (until === undefined) return { rows: [], end: after }
  for (let limit = ROWS_AT_ONCE; ; limit *= 2) {
    const places = await readPlaces(snapshot, simulation, { after: after.row, until, limit })
    const last = places.at(-1)
    const end = last === undefined || places.length < limit ? until : last.id
    const whole = countWhole(places, await leastOffsetBehind(snapshot, simulation, end, last))
    if (whole > 0 || places.length === 0) {
      const isAll = whole === places.length
      const rows = places.slice(0, whole)
      return {
        rows: rows.sort(compareArrival),
        end: await markRow(snapshot, isAll ? end : (places[whole - 1]?.id ?? end)),
      }
    }
    if (limit <= MAX_BLOCK_LINES) continue
    // A block whose end is not among the rows begins behind rows of other runs.
    const before = (places[0]?.id ?? 0) - 1
    if (before <= after.row) throw new RangeError(`rows up to ${until} are in no order`)
    return { rows: [], end: await markRow(snapshot, before) }
  }
}

/** Where everything is read from that arrived behind an event; undefined when the run has no such event. */
export async function findArrival(
  snapshot: Snapshot,
  simulation: SimulationRef,
  eventId: string,
): Promise<ArrivalPlace | undefined> {
  const place = await snapshot
    .selectFrom('event')
    .select(['id', 'segment', 'offset'])
    .where('simulation', '=', simulation.id)
    .where('event_id', '=', eventId)
    .executeTakeFirst()
  if (place === undefined) return undefined
  const mixed = await snapshot
    .selectFrom('event')
    .select('id')
    .where('id', '>', place.id - MAX_BLOCK_LINES)
    .where('id', '<=', place.id + MAX_BLOCK_LINES)
    .where(isIn('simulation', simulation.id))
    .where(isIn('segment', place.segment))
    .where((eb) =>
      eb.or([
        eb.and([eb('id', '<', place.id), eb('offset', '>', place.offset)]),
        eb.and([eb('id', '>', place.id), eb('offset', '<', place.offset)]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  const isEarlier = mixed !== undefined
  const row = isEarlier ? Math.max(0, place.id - MAX_BLOCK_LINES) : place.id
  return { after: await markRow(snapshot, row), isEarlier }
}

/** The last row there is, of any run. */
export async function readLastRow(snapshot: Snapshot): Promise<RowMark> {
  const found = await snapshot
    .selectFrom('event')
    .select(({ fn }) => fn.max<RowId | null>('id').as('id'))
    .executeTakeFirst()
  return markRow(snapshot, found?.id ?? 0)
}

/**
 * Looks for the event of a run that arrived last, among some rows up to `end`.
 *
 * @returns its id, or up to which row to look next: 0 when there is none
 * @throws RangeError when a damaged sidecar contradicts itself
 */
export async function findLastArrival(
  snapshot: Snapshot,
  simulation: SimulationRef,
  end: RowId,
): Promise<string | RowId> {
  const begin = Math.max(0, end - MAX_BLOCK_LINES)
  const inRange = snapshot
    .selectFrom('event')
    .where('id', '>', begin)
    .where('id', '<=', end)
    .where(isIn('simulation', simulation.id))
  const last = await inRange
    .select(['id', 'segment'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last === undefined) return lastRowUpTo(snapshot, begin)
  const latest = await snapshot
    .selectFrom('event')
    .select('event_id')
    .where('id', '>', last.id - MAX_BLOCK_LINES)
    .where('id', '<=', last.id)
    .where(isIn('simulation', simulation.id))
    .where(isIn('segment', last.segment))
    .orderBy('offset', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (latest === undefined) throw new RangeError(`row ${last.id} is and is not of the run`)
  return latest.event_id
}

async function lastRowUpTo(snapshot: Snapshot, row: RowId): Promise<RowId> {
  const found = await snapshot
    .selectFrom('event')
    .select(({ fn }) => fn.max<RowId | null>('id').as('id'))
    .where('id', '<=', row)
    .executeTakeFirst()
  return found?.id ?? 0
}

async function markRow(snapshot: Snapshot, row: RowId): Promise<RowMark> {
  const found = await snapshot
    .selectFrom('event')
    .select('simulation')
    .where('id', '=', row)
    .executeTakeFirst()
  return { row, owner: found?.simulation }
}

/** The last of the rows that are looked through at once, or the next one behind a gap; undefined at the end. */
async function nextStop(snapshot: Snapshot, after: RowId): Promise<RowId | undefined> {
  const behind = snapshot.selectFrom('event').where('id', '>', after)
  const near = await behind
    .where('id', '<=', after + MAX_BLOCK_LINES)
    .select(({ fn }) => fn.max<RowId | null>('id').as('id'))
    .executeTakeFirst()
  const last = near?.id ?? undefined
  if (last !== undefined) return last
  const next = await behind
    .select(({ fn }) => fn.min<RowId | null>('id').as('id'))
    .executeTakeFirst()
  return next?.id ?? undefined
}

async function readPlaces(
  snapshot: Snapshot,
  simulation: SimulationRef,
  { after, until, limit }: { readonly after: RowId; readonly until: RowId; readonly limit: number },
): Promise<LinePlace[]> {
  return snapshot
    .selectFrom('event')
    .select(['id', 'segment', 'offset', 'length'])
    .where('id', '>', after)
    .where('id', '<=', until)
    .where(isIn('simulation', simulation.id))
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** The first place in the segment of `last` that a row behind `end`, and in its block, may have. */
async function leastOffsetBehind(
  snapshot: Snapshot,
  simulation: SimulationRef,
  end: RowId,
  last: LinePlace | undefined,
): Promise<number> {
  if (last === undefined) return Infinity
  const found = await snapshot
    .selectFrom('event')
    .select(({ fn }) => fn.min<number | null>('offset').as('offset'))
    .where('id', '>', end)
    .where('id', '<=', last.id + MAX_BLOCK_LINES)
    .where(isIn('simulation', simulation.id))
    .where(isIn('segment', last.segment))
    .executeTakeFirst()
  return found?.offset ?? Infinity
}

/** The plus keeps SQLite from an index: it would look through all of a run for some rows. */
function isIn(column: 'simulation' | 'segment', id: number): RawBuilder<SqlBool> {
  return sql<SqlBool>`+${sql.ref(column)} = ${id}`
}

/**
 * How many of the first rows hold all lines that stand before those of the others.
 *
 * @param leastBehind where the first line stands of those behind, in the segment of the last one
 */
function countWhole(places: readonly LinePlace[], leastBehind: number): number {
  const greatest: number[] = []
  for (const [at, { segment, offset }] of places.entries()) {
    const isFirst = places[at - 1]?.segment !== segment
    greatest.push(isFirst ? offset : Math.max(greatest[at - 1] ?? 0, offset))
  }
  let least = leastBehind
  for (let at = places.length - 1; at >= 0; at--) {
    if ((greatest[at] ?? 0) < least) return at + 1
    const isFirst = places[at - 1]?.segment !== places[at]?.segment
    least = isFirst ? Infinity : Math.min(least, places[at]?.offset ?? 0)
  }
  return 0
}

/** Rows of different segments are of different blocks. */
function compareArrival(a: LinePlace, b: LinePlace): number {
  return a.segment === b.segment ? a.offset - b.offset : a.id - b.id
}
