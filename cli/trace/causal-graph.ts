import type { Causality, CausalLink, RecordedEvent } from '../../src/store/recorded-event.js'

/** Events and what led from one to the other, around the event that was asked about. */
export interface CausalGraph {
  readonly start: string
  /** The events by id, the asked one first, then the nearest first; undefined where the run has none. */
  readonly events: ReadonlyMap<string, RecordedEvent | undefined>
  /** Every link between them, each once. */
  readonly links: readonly CausalLink[]
  /** Steps from the start to each of its causes, and to each of its effects. */
  readonly upstream: ReadonlyMap<string, number>
  readonly downstream: ReadonlyMap<string, number>
}

/** A trace as a graph, in which a cause that the run does not have is a node as well. */
export function toCausalGraph(trace: Causality): CausalGraph {
  const { event_id: start, event, upstream, downstream, links, missing } = trace
  const events = new Map<string, RecordedEvent | undefined>([[start, event]])
  for (const traced of [...upstream, ...downstream]) events.set(traced.event_id, traced.event)
  for (const { cause } of missing) if (!events.has(cause)) events.set(cause, undefined)
  const up = new Map([[start, 0], ...upstream.map(toDistance)])
  // Of all events that name it, the nearest comes first.
  const byDistance = [...missing].sort((a, b) => (up.get(a.effect) ?? 0) - (up.get(b.effect) ?? 0))
  for (const { cause, effect } of byDistance) {
    if (!up.has(cause)) up.set(cause, (up.get(effect) ?? 0) + 1)
  }
  return {
    start,
    events,
    links: [...links, ...missing],
    upstream: up,
    downstream: new Map([[start, 0], ...downstream.map(toDistance)]),
  }
}

function toDistance({ event_id: id, depth }: Causality['upstream'][number]): [string, number] {
  return [id, depth]
}
