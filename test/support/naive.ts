import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { compareEvents, type EventPosition } from '#src/event/event-order.js'
import { KIND_KEYS } from '#src/event/event-type.js'
import { parseTimestamp } from '#src/event/timestamp.js'
import type { EventFilter } from '#src/query/event-filter.js'
import type { PageOrder } from '#src/query/page-cursor.js'
import { compareSegmentNames } from '#src/segment/segment-name.js'
import type { TraceDirection } from '#src/query/causality-fields.js'
import { hasNaively, saysNaively } from './naive-texts.js'

/** An event read the plain way: parsed whole and kept with its line. */
export interface NaiveEvent {
  readonly position: EventPosition
  readonly turn: number
  readonly type: string
  readonly agentId: string | undefined
  readonly kind: string | undefined
  readonly participants: readonly string[]
  readonly causes: readonly string[]
  readonly line: string
}

const lineSchema = z.looseObject({
  event_id: z.string(),
  timestamp: z.string(),
  turn_number: z.int(),
  event_type: z.string(),
  agent_id: z.string().nullish(),
  caused_by: z.array(z.string()).nullish(),
  details: z.looseObject({ participating_agent_ids: z.array(z.string()).optional() }).nullish(),
})

/** Reads every line of a run and sorts it; what an index is held against. */
export function readRun(root: string, simulation: string): NaiveEvent[] {
  const directory = join(root, simulation)
  const lines = readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n').slice(0, -1))
  return lines.map((line) => parseLine(line)).sort((a, b) => compareEvents(a.position, b.position))
}

/** Reads every line of a run in the order in which they stand in its files. */
export function readInFileOrder(root: string, simulation: string): NaiveEvent[] {
  const directory = join(root, simulation)
  return readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .sort(compareSegmentNames)
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n').slice(0, -1))
    .map((line) => parseLine(line))
}

/** Reads one line. */
export function parseLine(line: string): NaiveEvent {
  const event = lineSchema.parse(JSON.parse(line))
  const timestamp = parseTimestamp(event.timestamp)
  if (timestamp === undefined) throw new Error(`${event.timestamp} is no timestamp`)
  return {
    position: { timestamp, eventId: event.event_id },
    turn: event.turn_number,
    type: event.event_type,
    agentId: event.agent_id ?? undefined,
    kind: kindOf(event.event_type, event.details ?? {}),
    participants: event.details?.participating_agent_ids ?? [],
    causes: event.caused_by ?? [],
    line,
  }
}

function kindOf(type: string, details: Readonly<Record<string, unknown>>): string | undefined {
  const key = Object.entries(KIND_KEYS).find(([recorded]) => recorded === type)?.[1] ?? ''
  const kind = details[key]
  return typeof kind === 'string' ? kind : undefined
}

/** The events that match, in order. */
export function filterNaively(
  events: readonly NaiveEvent[],
  filter: EventFilter,
  order: PageOrder = 'asc',
): NaiveEvent[] {
  const { startTimestamp, endTimestamp, turnStart, turnEnd } = filter
  const { eventTypes, agentIds, kinds, involving, search, details } = filter
  const types = eventTypes?.flatMap((type) =>
    type === 'STATE' || type === 'ENV' ? ['STATE', 'ENV'] : [type],
  )
  const matching = events.filter(
    ({ position: { timestamp }, turn, type, agentId, kind, participants, line }) =>
      (startTimestamp === undefined || timestamp >= startTimestamp) &&
      (endTimestamp === undefined || timestamp <= endTimestamp) &&
      (turnStart === undefined || turn >= turnStart) &&
      (turnEnd === undefined || turn <= turnEnd) &&
      (types === undefined || types.includes(type)) &&
      (agentIds === undefined || (agentId !== undefined && agentIds.includes(agentId))) &&
      (kinds === undefined || (kind !== undefined && kinds.includes(kind))) &&
      (involving === undefined ||
        involving.some((name) => name === agentId || participants.includes(name))) &&
      (search === undefined || saysNaively(line, search)) &&
      (details === undefined || hasNaively(line, details)),
  )
  return order === 'asc' ? matching : matching.reverse()
}

/** What was walked to, by id, with its smallest distance. */
export type Distances = ReadonlyMap<string, number>

/** Walks causality breadth first; the start is left out. */
export function walkNaively(
  events: readonly NaiveEvent[],
  start: string,
  direction: Exclude<TraceDirection, 'both'>,
  depth: number,
): Distances {
  const next = new Map<string, string[]>(events.map(({ position }) => [position.eventId, []]))
  for (const { position, causes } of events) {
    for (const cause of causes) {
      const [from, to] =
        direction === 'upstream' ? [position.eventId, cause] : [cause, position.eventId]
      if (next.has(to)) next.get(from)?.push(to)
    }
  }
  const distances = new Map([[start, 0]])
  let level = [start]
  for (let distance = 1; distance <= depth; distance++) {
    level = level.flatMap((id) => next.get(id) ?? []).filter((id) => !distances.has(id))
    level = [...new Set(level)]
    for (const id of level) distances.set(id, distance)
  }
  distances.delete(start)
  return distances
}
