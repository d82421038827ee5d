import { TurnlogError } from '../errors.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { type Aspect, ASPECTS } from './compared-event.js'
import type { EventSurplus, Side } from './event-surplus.js'
import { getSimulation, type SimulationSummary } from './get-simulation.js'
import { findSimulation, type SimulationRef } from './simulation-row.js'
import { type AspectSurplus, compareTurn, readSurplus } from './turn-difference.js'
import { TurnReader, type TurnRange } from './turn-reader.js'
import type { WorkLimit } from './work-limit.js'

/** Which runs are compared, and where. */
export interface CompareRequest {
  readonly a: string
  readonly b: string
  /** Inclusive. */
  readonly turnStart?: number | undefined
  /** Inclusive. */
  readonly turnEnd?: number | undefined
  /** Events of each run and aspect that are shown of the first difference; more are only counted. */
  readonly maxShown: number
}

/** A run beside another one. */
export type ComparedRun = Pick<
  SimulationSummary,
  'id' | 'event_count' | 'first_turn' | 'last_turn' | 'events_by_type'
>

/** How two runs differ. */
export interface Comparison extends Differences {
  readonly runs: Readonly<Record<Side, ComparedRun>>
}

interface Differences {
  /** The first turn in which they differ in anything; undefined when they do in none. */
  readonly firstDifference: TurnDifference | undefined
  /** The first turn in which they differ in each aspect, where they do. */
  readonly firstTurns: ReadonlyMap<Aspect, number>
  /** The turns that were looked at; undefined when neither run has any. */
  readonly comparedTurns: TurnRange | undefined
}

/** What each run has in a turn that the other has not; both name the same aspects. */
export interface TurnDifference {
  readonly turn: number
  readonly surplus: Readonly<Record<Side, readonly AspectSurplus[]>>
}

/**
 * Compares two runs turn by turn, up to the first turn for each aspect in which
 * they differ. Within a turn the order of events does not matter, nor do ids,
 * timestamps, causes and descriptions.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND, or QUERY_TOO_BROAD when the limit is reached
 */
export async function compareRuns(
  snapshot: Snapshot,
  request: CompareRequest,
  limit: WorkLimit,
): Promise<Comparison> {
  const refs = {
    a: await findSimulation(snapshot, request.a),
    b: await findSimulation(snapshot, request.b),
  }
  const runs = {
    a: await readRun(snapshot, request.a),
    b: await readRun(snapshot, request.b),
  }
  const turns = await findTurns(snapshot, refs, request)
  // A run does not differ from itself, and is not read to find that out.
  return turns === undefined || refs.a.id === refs.b.id
    ? { runs, firstDifference: undefined, firstTurns: new Map(), comparedTurns: turns }
    : { runs, ...(await findDifferences(snapshot, refs, { turns, ...request }, limit)) }
}

type Runs = Readonly<Record<Side, SimulationRef>>

async function readRun(snapshot: Snapshot, name: string): Promise<ComparedRun> {
  const { id, event_count, first_turn, last_turn, events_by_type } = await getSimulation(
    snapshot,
    name,
  )
  return { id, event_count, first_turn, last_turn, events_by_type }
}

/** The first and the last turn of either run, within what is asked. */
async function findTurns(
  snapshot: Snapshot,
  { a, b }: Runs,
  { turnStart = 0, turnEnd = Number.MAX_SAFE_INTEGER }: CompareRequest,
): Promise<TurnRange | undefined> {
  const ends: number[] = []
  for (const { id } of [a, b]) {
    for (const order of ['asc', 'desc'] as const) {
      const row = await snapshot
        .selectFrom('event')
        .select('turn')
        .where('simulation', '=', id)
        .where('turn', '>=', turnStart)
        .where('turn', '<=', turnEnd)
        .orderBy('turn', order)
        .limit(1)
        .executeTakeFirst()
      if (row !== undefined) ends.push(row.turn)
    }
  }
  return ends.length === 0 ? undefined : { first: Math.min(...ends), last: Math.max(...ends) }
}

interface SearchRequest extends Pick<CompareRequest, 'maxShown'> {
  readonly turns: TurnRange
}

async function findDifferences(
  snapshot: Snapshot,
  runs: Runs,
  { turns, maxShown }: SearchRequest,
  limit: WorkLimit,
): Promise<Differences> {
  let at = turns.first
  const pause = async (): Promise<void> => {
    if (limit.isOver) throw tooBroad(at, turns)
    await limit.giveWay()
  }
  const readers = {
    a: new TurnReader(snapshot, runs.a.id, { turns, pause }),
    b: new TurnReader(snapshot, runs.b.id, { turns, pause }),
  }
  const describe = async (surplus: EventSurplus): Promise<TurnDifference> => {
    const read = (side: Side): Promise<AspectSurplus[]> =>
      readSurplus(snapshot, surplus, { simulation: runs[side], side, turn: at, maxShown, pause })
    return { turn: at, surplus: { a: await read('a'), b: await read('b') } }
  }
  let firstDifference: TurnDifference | undefined
  const firstTurns = new Map<Aspect, number>()
  const same = new Set(ASPECTS)
  for (let turn = await nextTurn(readers); turn !== undefined; turn = await nextTurn(readers)) {
    at = turn
    const surplus = await compareTurn(turn, readers, same)
    for (const aspect of surplus.aspects) {
      firstTurns.set(aspect, turn)
      same.delete(aspect)
    }
    if (firstTurns.size > 0) firstDifference ??= await describe(surplus)
    if (same.size === 0) break
  }
  const last = same.size === 0 ? at : turns.last
  return { firstDifference, firstTurns, comparedTurns: { first: turns.first, last } }
}

/** The next turn of either run. */
async function nextTurn({ a, b }: Readonly<Record<Side, TurnReader>>): Promise<number | undefined> {
  const turns = [await a.nextTurn(), await b.nextTurn()].filter((turn) => turn !== undefined)
  return turns.length === 0 ? undefined : Math.min(...turns)
}

/** @param at the turn that was not done with */
function tooBroad(at: number, { first, last }: TurnRange): TurnlogError {
  const way =
    at > first
      ? `; with turn_end=${at - 1} this is answered, with turn_start=${at} the rest is compared`
      : `; turn_start=${at + 1} leaves it out`
  return new TurnlogError('QUERY_TOO_BROAD', {
    message: `compared turns from ${first} to ${last} and came to turn ${at} when the time was up${way}`,
    hint: 'compare fewer turns, or raise --query-timeout',
  })
}
