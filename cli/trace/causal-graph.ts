import { itemTexts, textAt } from '../../src/event/json-spans.js'
import type { Causality, CausalLink } from '../../src/store/recorded-event.js'

/** Events and what led from one to the other, around the event that was asked about. */
export interface CausalGraph {
  readonly start: string
  /**
   * The events by id, as they were recorded, the asked one first, then the nearest first;
   * undefined where the run has none.
   */
  readonly events: ReadonlyMap<string, string | undefined>
  /** Every link between them, each once. */
  readonly links: readonly CausalLink[]
  /** Steps from the start to each of its causes, and to each of its effects. */
  readonly upstream: ReadonlyMap<string, number>
  readonly downstream: ReadonlyMap<string, number>
  /** Whether there were more events than were asked for. */
  readonly truncated: boolean
}

/**
 * A trace as a graph, in which a cause that the run does not have is a node as well.
 *
 * @param text the trace, as the store spells it
 */
export function readCausalGraph(text: string): CausalGraph {
  const trace = JSON.parse(text) as Causality
  const { event_id: start, upstream, downstream, links, missing, truncated } = trace
  const events = new Map<string, string | undefined>([[start, textAt(text, ['event'])]])
  for (const side of ['upstream', 'downstream'] as const) {
    const spelled = itemTexts(textAt(text, [side]) ?? '[]')
    for (const [at, { event_id: id }] of trace[side].entries()) {
      events.set(id, textAt(spelled[at] ?? '', ['event']))
    }
  }
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
    truncated,
  }
}

function toDistance({ event_id: id, depth }: Causality['upstream'][number]): [string, number] {
  return [id, depth]
}
