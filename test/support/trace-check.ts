import { expect } from 'vitest'
import { TurnlogError } from '#src/errors.js'
import { type Trace, traceCausality } from '#src/query/trace-causality.js'
import { WorkLimit } from '#src/query/work-limit.js'
import type { SidecarReader } from '#src/sidecar/sidecar-reader.js'
import { type NaiveEvent, walkNaively } from './naive.js'

/** How causality is asked for; the rest is what the API takes by default. */
export type TraceOptions = Partial<Parameters<typeof traceCausality>[3]>

/** What has a sidecar that is read, or one state of it. */
export interface Read {
  readonly reader: Pick<SidecarReader, 'read'>
}

/** Traces in a short read, on a snapshot of its own. */
export function shortTrace(
  { reader }: Read,
  eventId: string,
  options: TraceOptions = {},
  run = 'run',
  limit?: WorkLimit,
): Promise<Trace> {
  const request = { direction: 'both', depth: 5, maxNodes: 1_000, ...options } as const
  return reader.read((snapshot) => traceCausality(snapshot, run, eventId, request, limit))
}

/** Traces in a short read where that does, as the API does. */
export async function trace(
  indexed: Read,
  eventId: string,
  options: TraceOptions = {},
  run = 'run',
): Promise<Trace> {
  try {
    return await shortTrace(indexed, eventId, options, run)
  } catch (error) {
    if (!(error instanceof TurnlogError && error.code === 'QUERY_TOO_BROAD')) throw error
    return shortTrace(indexed, eventId, options, run, new WorkLimit({ limitMs: 60_000 }))
  }
}

/** The ids of traced events, in their order. */
export function idsOf(events: Trace['upstream']): string[] {
  return events.map(({ eventId }) => eventId)
}

/** Traces, and makes sure that the answer is that of a plain reading of every line of the run. */
export async function expectTraceOfLines(
  indexed: Read,
  events: readonly NaiveEvent[],
  start: string,
  options: TraceOptions & { readonly depth: number; readonly maxNodes: number },
  run = 'run',
): Promise<Trace> {
  const found = await trace(indexed, start, options, run)
  const { depth, maxNodes, direction = 'both' } = options
  const sides = (['upstream', 'downstream'] as const).map((side) => {
    if (direction !== 'both' && direction !== side) return { kept: [], truncated: false }
    const distances = walkNaively(events, start, side, depth)
    const reached = events
      .map(({ position: { eventId }, line }) => ({ eventId, line, depth: distances.get(eventId) }))
      .flatMap(({ depth, ...event }) => (depth === undefined ? [] : [{ ...event, depth }]))
      .sort((a, b) => a.depth - b.depth)
    return { kept: reached.slice(0, maxNodes), truncated: reached.length > maxNodes }
  })
  const shown = [found.upstream, found.downstream].map((side) =>
    side.map(({ eventId, depth, text }) => ({ eventId, line: text, depth })),
  )
  expect(shown).toEqual(sides.map(({ kept }) => kept))
  expect(found.truncated).toBe(sides.some(({ truncated }) => truncated))

  const places = new Map(events.map(({ position }, place) => [position.eventId, place]))
  const upstream = new Set([start, ...idsOf(found.upstream)])
  const kept = new Set([...upstream, ...idsOf(found.downstream)])
  const named = events.flatMap(({ position: { eventId: effect }, causes }) =>
    [...new Set(causes)].map((cause) => ({ cause, effect })),
  )
  const inOrder = (a: string, b: string): number => (places.get(a) ?? 0) - (places.get(b) ?? 0)
  const links = named
    .filter(({ cause, effect }) => kept.has(cause) && kept.has(effect))
    .sort((a, b) => inOrder(a.effect, b.effect) || inOrder(a.cause, b.cause))
  expect(found.links).toEqual(links)
  const missing = named
    .filter(({ cause, effect }) => upstream.has(effect) && !places.has(cause))
    .sort((a, b) => inOrder(a.effect, b.effect) || (a.cause < b.cause ? -1 : 1))
  expect(found.missing).toEqual(direction === 'downstream' ? [] : missing)
  return found
}
