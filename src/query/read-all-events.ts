import { TurnlogError } from '../errors.js'
import type { EventPosition } from '../event/event-order.js'
import type { SidecarReader, Snapshot } from '../sidecar/sidecar-reader.js'
import { asksOfTexts } from './event-filter.js'
import { takeUpTo } from './event-lengths.js'
import { type EventText, readEventRows, readPosition, spellEvents } from './event-row.js'
import { findCandidates } from './find-candidates.js'
import { FoundEvents } from './found-events.js'
import type { EventsRequest } from './list-events.js'
import type { LongReads } from './long-reads.js'
import { type Candidates, lookThrough } from './look-through.js'
import { countUpTo } from './matches.js'
import { parseCursor } from './page-cursor.js'
import { type PagePlace, pickRows } from './page-rows.js'
import { readReadingState } from './reading-state.js'
import { findSimulation, type SimulationRef } from './simulation-row.js'
import { WorkLimit } from './work-limit.js'

/** A part ends behind the event that reaches one of these: events, bytes of lines. */
const PART_EVENTS = 1_000
const PART_BYTES = 1024 * 1024
/** How long events are looked through at once, in milliseconds. */
const PART_MS = 1_000

/** All that match, or the first of them. */
export interface AllEventsRequest extends EventsRequest {
  /** Events in all; every match unless told otherwise. */
  readonly limit?: number | undefined
}

/** What events are read from. */
export interface EventSource {
  readonly reader: SidecarReader
  readonly longReads: LongReads
  /** Aborts when nobody waits for events any more. */
  readonly signal: AbortSignal
}

/**
 * All events of a run that match, in order, part by part. Each part is a read
 * of its own that goes on behind the event at which the one before ended: no
 * matter how long it takes to make use of a part, nothing is held meanwhile.
 * However many events have to be looked through, it goes on; a part without
 * events only says so. In a sidecar that took the place of the one before, it
 * goes on when that has the whole run.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND, CURSOR_INVALID or SEARCH_UNAVAILABLE, or
 *   SIDECAR_UNREADABLE when the sidecar is being built anew
 */
export async function* readAllEvents(
  { reader, longReads, signal }: EventSource,
  simulationName: string,
  request: AllEventsRequest,
): AsyncGenerator<readonly EventText[]> {
  const { filter, order, cursor, offset = 0, limit = Infinity } = request
  const after = cursor === undefined ? undefined : parseCursor(cursor, order)
  const work = { limitMs: PART_MS, signal }
  let place: Place | undefined = { after, skip: offset, mayBeRare: true }
  let space: RowSpace | undefined
  let left = limit
  while (place !== undefined && left > 0) {
    const from: Place = { ...place }
    const read = (snapshot: Snapshot, workLimit: WorkLimit): Promise<Part> =>
      readPart(snapshot, simulationName, request, { from, most: left, workLimit })
    const { part, openFile } = asksOfTexts(filter)
      ? await readWatched(reader, () => longReads.readPart(work, read))
      : await reader.read(async (snapshot) => {
          const part = await read(snapshot, new WorkLimit(work))
          return { part, openFile: snapshot.openFile }
        })
    const current = { openFile, simulation: part.simulation }
    if (!part.isWhole && space !== undefined && !isSameSpace(current, space)) throw builtAnew()
    space = current
    yield part.events
    left -= part.events.length
    place = part.next
  }
}

/** Where it goes on. */
interface Place {
  /** Behind this event. */
  readonly after: EventPosition | undefined
  /** Matches to leave out behind it. */
  readonly skip: number
  /** Whether words that are looked for may be rare. */
  readonly mayBeRare: boolean
}

/** The rows of a run in one file. */
interface RowSpace {
  readonly openFile: symbol
  readonly simulation: number
}

function isSameSpace(a: RowSpace, b: RowSpace): boolean {
  return a.openFile === b.openFile && a.simulation === b.simulation
}

/** Reads on another connection, and tells which file that was: a new one where there were two. */
async function readWatched(
  reader: SidecarReader,
  read: () => Promise<Part>,
): Promise<{ readonly part: Part; readonly openFile: symbol }> {
  const find = (): Promise<symbol> => reader.read((snapshot) => Promise.resolve(snapshot.openFile))
  const before = await find()
  const part = await read()
  const openFile = await find()
  return { part, openFile: openFile === before ? openFile : Symbol('one of two') }
}

/** Whether a run has no events to come that are recorded already, as far as that can be seen. */
async function isWhole(
  snapshot: Snapshot,
  simulation: SimulationRef,
  after: EventPosition | undefined,
): Promise<boolean> {
  const { isBeingRead } = await readReadingState(snapshot, simulation)
  if (isBeingRead || after === undefined) return !isBeingRead
  const event = await snapshot
    .selectFrom('event')
    .select('id')
    .where('simulation', '=', simulation.id)
    .where('event_id', '=', after.eventId)
    .executeTakeFirst()
  return event !== undefined
}

function builtAnew(): TurnlogError {
  return new TurnlogError('SIDECAR_UNREADABLE', {
    message: 'the sidecar is being built anew: it does not have the whole run yet',
    hint: 'ask again when it has',
  })
}

interface Part {
  /** The id of the run. */
  readonly simulation: number
  /** See {@link isWhole}. */
  readonly isWhole: boolean
  readonly events: readonly EventText[]
  /** Undefined at the end. */
  readonly next: Place | undefined
}

interface PartOptions {
  readonly from: Place
  readonly most: number
  readonly workLimit: WorkLimit
}

async function readPart(
  snapshot: Snapshot,
  simulationName: string,
  { filter, order, fields }: AllEventsRequest,
  { from: { after, skip, mayBeRare }, most, workLimit }: PartOptions,
): Promise<Part> {
  const simulation = await findSimulation(snapshot, simulationName)
  const rest = (): Promise<void> => workLimit.giveWay()
  const candidates = await findCandidates(snapshot, simulation, filter, { rest, mayBeRare })
  const { matches, tests } = candidates
  const from = after === undefined ? 0 : await countUpTo(matches, order, after)
  const place = { order, from, skip, limit: Math.min(most, PART_EVENTS) }
  const found =
    tests.length === 0
      ? await pickPart(candidates, place)
      : await lookForPart(candidates, place, workLimit)
  const rows = await readEventRows(snapshot, found.rows)
  const next = found.last === undefined ? undefined : await readPosition(snapshot, found.last)
  return {
    simulation: simulation.id,
    isWhole: await isWhole(snapshot, simulation, after),
    events: spellEvents(rows, simulation, fields),
    next: next && { after: next, skip: found.skip, mayBeRare: matches instanceof FoundEvents },
  }
}

interface FoundRows {
  readonly rows: readonly number[]
  /** The row behind which it goes on; undefined at the end. */
  readonly last: number | undefined
  /** Matches to leave out behind it. */
  readonly skip: number
}

async function pickPart({ snapshot, matches }: Candidates, place: PagePlace): Promise<FoundRows> {
  const picked = await pickRows(matches, place)
  const { rows } = await takeUpTo(snapshot, picked.rows, PART_BYTES)
  const hasMore = picked.hasMore || rows.length < picked.rows.length
  return { rows, last: hasMore ? rows.at(-1) : undefined, skip: 0 }
}

/** Looks through candidates until there are enough, or the time is up. */
async function lookForPart(
  candidates: Candidates,
  { order, from, skip, limit }: PagePlace,
  workLimit: WorkLimit,
): Promise<FoundRows> {
  const found: number[] = []
  let seen = 0
  let room = PART_BYTES
  for await (const part of lookThrough(candidates, order, from, candidates.matches.total)) {
    const { rows, last } = part
    const wanted = rows.slice(Math.max(0, skip - seen), Math.max(0, skip + limit - seen))
    const taken = await takeUpTo(candidates.snapshot, wanted, room)
    found.push(...taken.rows)
    room -= taken.bytes
    seen += rows.length
    if (found.length === limit || room <= 0) return { rows: found, last: found.at(-1), skip: 0 }
    if (workLimit.isOver) return { rows: found, last, skip: Math.max(0, skip - seen) }
    await workLimit.giveWay()
  }
  return { rows: found, last: undefined, skip: 0 }
}
