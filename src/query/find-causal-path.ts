import { TurnlogError } from '../errors.js'
import { encodeLine } from '../event/event-line.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { type Meeting, searchMeeting } from './causal-search.js'
import { type EventText, readEventRows } from './event-row.js'
import { findEvent } from './get-event.js'
import { idList } from './id-list.js'
import { linksOf } from './links-of.js'
import { RowDistances } from './row-distances.js'
import { findSimulation, type SimulationRef } from './simulation-row.js'
import type { WorkLimit } from './work-limit.js'

/** From where to where. */
export interface PathRequest {
  /** The id of the event that led to the other. */
  readonly cause: string
  readonly effect: string
  /** Events on the path, both ends among them; more are not read. */
  readonly maxEvents: number
}

/**
 * A shortest causal path: the events from the cause to the effect, each naming
 * the one before it as its cause. Of several it is the one that has, step by
 * step from the effect, the earliest cause by (timestamp, event_id).
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND, EVENT_NOT_FOUND, PATH_NOT_FOUND, or
 *   QUERY_TOO_BROAD when the limit is reached or the path is too long
 */
export async function findCausalPath(
  snapshot: Snapshot,
  simulationName: string,
  request: PathRequest,
  limit: WorkLimit,
): Promise<EventText[]> {
  const simulation = await findSimulation(snapshot, simulationName)
  const cause = await findEvent(snapshot, simulation, request.cause)
  const effect = await findEvent(snapshot, simulation, request.effect)
  if (cause.id === effect.id) return [cause.text]
  const meeting = await searchMeeting(snapshot, { cause: cause.id, effect: effect.id }, limit)
  if (meeting === undefined) {
    const opposite = { cause: effect.id, effect: cause.id }
    throw pathNotFound(request, await isSoonFound(snapshot, opposite, limit))
  }
  const events = lengthOf(meeting) + 1
  if (events > request.maxEvents) throw tooLong(events, request)
  const rows = await followPath(snapshot, simulation, effect.id, meeting, limit)
  return readTexts(snapshot, simulation, rows, limit)
}

/** What may be spent on a path that is only mentioned, in links and in milliseconds. */
const SOON_COST = 20_000
const SOON_MS = 100

/** Whether there is a path that takes little to be found. */
async function isSoonFound(
  snapshot: Snapshot,
  ends: { readonly cause: number; readonly effect: number },
  limit: WorkLimit,
): Promise<boolean> {
  try {
    const request = { ...ends, mostCost: SOON_COST }
    return (await searchMeeting(snapshot, request, limit.ofPart(SOON_MS))) !== undefined
  } catch (error) {
    if (error instanceof TurnlogError && error.code === 'QUERY_TOO_BROAD') return false
    throw error
  }
}

function lengthOf({ fromCause, fromEffect }: Meeting): number {
  return fromCause.depth + fromEffect.depth
}

/** Goes from the effect to the cause. @returns the rows in the order of the path */
async function followPath(
  snapshot: Snapshot,
  simulation: SimulationRef,
  effect: number,
  meeting: Meeting,
  limit: WorkLimit,
): Promise<number[]> {
  const { fromCause, fromEffect } = meeting
  const leading = await findLeading(snapshot, meeting, limit)
  const path = [effect]
  for (let left = lengthOf(meeting) - 1; left >= 0; left--) {
    const done = path.length
    const isOnPath = (row: number): boolean =>
      done <= fromEffect.depth ? leading.get(row) === done : fromCause.distances.get(row) === left
    const causes: number[] = []
    for await (const links of linksOf(snapshot, path.slice(-1), 'effect', limit)) {
      for (const { cause } of links) if (isOnPath(cause)) causes.push(cause)
    }
    path.push(await findEarliest(snapshot, simulation, causes))
  }
  return path.reverse()
}

/**
 * Of what the search from the effect came upon, what is on a shortest path:
 * rows that a row of the meeting leads to, with their distances to the effect.
 */
async function findLeading(
  snapshot: Snapshot,
  { rows, fromEffect }: Meeting,
  limit: WorkLimit,
): Promise<RowDistances> {
  const leading = new RowDistances()
  for (const row of rows) leading.set(row, fromEffect.depth)
  for (let distance = fromEffect.depth - 1; distance > 0; distance--) {
    const level = fromEffect.levels[distance] ?? []
    for await (const links of linksOf(snapshot, level, 'effect', limit)) {
      for (const { cause, effect } of links) {
        if (leading.get(cause) === distance + 1) leading.set(effect, distance)
      }
    }
  }
  return leading
}

/** @throws RangeError when a damaged sidecar lacks a link that it had before */
async function findEarliest(
  snapshot: Snapshot,
  { ordered }: SimulationRef,
  rows: readonly number[],
): Promise<number> {
  const [first, second] = rows
  if (first === undefined) throw new RangeError('a causal path has come to no end')
  if (second === undefined) return first
  if (ordered) return rows.reduce((least, row) => Math.min(least, row))
  const earliest = await snapshot
    .selectFrom('event')
    .select('id')
    .where('id', 'in', idList(rows))
    .orderBy('timestamp')
    .orderBy('event_id')
    .limit(1)
    .executeTakeFirst()
  return earliest?.id ?? first
}

/** Events that are read at once. */
const EVENTS_AT_ONCE = 500

async function readTexts(
  snapshot: Snapshot,
  { name }: SimulationRef,
  ids: readonly number[],
  limit: WorkLimit,
): Promise<EventText[]> {
  const texts: EventText[] = []
  for (let start = 0; start < ids.length; start += EVENTS_AT_ONCE) {
    await limit.pause()
    const rows = await readEventRows(snapshot, ids.slice(start, start + EVENTS_AT_ONCE))
    for (const row of rows) texts.push(encodeLine(row, name))
  }
  return texts
}

function pathNotFound({ cause, effect }: PathRequest, hasOpposite: boolean): TurnlogError {
  const [from, to] = [JSON.stringify(cause), JSON.stringify(effect)]
  const opposite = hasOpposite ? `; one leads from ${to} to ${from}` : ''
  return new TurnlogError('PATH_NOT_FOUND', {
    message: `no causal path leads from the event ${from} to the event ${to}${opposite}`,
    hint: hasOpposite ? 'name the cause first' : 'GET …/causality/{event_id} shows what is linked',
  })
}

function tooLong(events: number, { cause, effect, maxEvents }: PathRequest): TurnlogError {
  return new TurnlogError('QUERY_TOO_BROAD', {
    message: `the shortest path from ${JSON.stringify(cause)} to ${JSON.stringify(effect)} has ${events} events, and an answer ${maxEvents} at the most`,
    hint: 'ask for events between the two',
  })
}
