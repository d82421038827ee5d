import { traceCausality, type TracedEvent } from '../../src/query/trace-causality.js'
import { causalityQuery, eventParameters } from '../parameters.js'
import { causalityResponse } from '../responses.js'
import { defineRoute } from '../route.js'

/** `GET /simulations/{simulation_id}/causality/{event_id}`. */
export const traceCausalityRoute = defineRoute({
  path: '/simulations/{simulation_id}/causality/{event_id}',
  operationId: 'traceCausality',
  summary: 'What led to an event, and what it led to.',
  parameters: eventParameters,
  query: causalityQuery,
  response: causalityResponse,
  notFound: 'No simulation has this id, or it has no such event.',
  readsSidecar: true,
  async answer({ parameters, query }, { reader }) {
    const { depth, direction, max_nodes: maxNodes } = query
    const trace = await reader.read((snapshot) =>
      traceCausality(snapshot, parameters.simulation_id, parameters.event_id, {
        depth,
        direction,
        maxNodes,
      }),
    )
    const { links, truncated, missing } = trace
    const rest = JSON.stringify({ links, truncated, missing }).slice(1)
    return `{"event_id":${JSON.stringify(trace.eventId)},"event":${trace.text},"upstream":${spellAll(trace.upstream)},"downstream":${spellAll(trace.downstream)},${rest}`
  },
})

function spellAll(events: readonly TracedEvent[]): string {
  const items = events.map(
    ({ eventId, depth, text }) =>
      `{"event_id":${JSON.stringify(eventId)},"depth":${depth},"event":${text}}`,
  )
  return `[${items.join(',')}]`
}
