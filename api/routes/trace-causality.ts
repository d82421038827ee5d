import { z } from 'zod'
import { TurnlogError } from '../../src/errors.js'
import { type Trace, traceCausality, type TracedEvent } from '../../src/query/trace-causality.js'
import type { WorkLimit } from '../../src/query/work-limit.js'
import type { Snapshot } from '../../src/sidecar/sidecar-reader.js'
import { integerOr } from '../../src/query/field-values.js'
import { eventParameters, MAX_EVENTS } from '../parameters.js'
import { eventResponse, joinTexts } from '../responses.js'
import { type ApiDependencies, defineRoute } from '../route.js'

const MAX_DEPTH = 20
const DEFAULT_DEPTH = 5
const DEFAULT_MAX_NODES = 1_000

/** How far causality is walked. */
const causalityQuery = z.strictObject({
  depth: integerOr(DEFAULT_DEPTH, { minimum: 1, maximum: MAX_DEPTH }, 'Steps from the event.'),
  direction: z
    .enum(['upstream', 'downstream', 'both'], { error: 'must be upstream, downstream or both' })
    .default('both')
    .meta({ description: 'To causes, to effects, or both.' }),
  max_nodes: integerOr(
    DEFAULT_MAX_NODES,
    { minimum: 1, maximum: MAX_EVENTS },
    'Events in each direction, the nearest first.',
  ),
})

const tracedEvent = z.object({
  event_id: z.string(),
  depth: z.int().meta({ description: 'The smallest number of steps to it.' }),
  event: eventResponse,
})
const causalLink = z.object({ cause: z.string(), effect: z.string() })

/** What it answers. */
export const causalityResponse = z
  .object({
    event_id: z.string(),
    event: eventResponse,
    upstream: z.array(tracedEvent).meta({ description: 'What led to it, the nearest first.' }),
    downstream: z.array(tracedEvent).meta({ description: 'What it led to, the nearest first.' }),
    links: z.array(causalLink).meta({ description: 'Every link between the events above.' }),
    truncated: z.boolean().meta({ description: 'Whether max_nodes left events out.' }),
    missing: z.array(causalLink).meta({ description: 'Named causes that the run does not have.' }),
  })
  .meta({ id: 'Causality' })

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
  async answer({ parameters, query, signal }, dependencies) {
    const { simulation_id: simulation, event_id: event } = parameters
    const { depth, direction, max_nodes: maxNodes } = query
    const trace = await readTrace(
      (snapshot, limit) =>
        traceCausality(snapshot, simulation, event, { depth, direction, maxNodes }, limit),
      signal,
      dependencies,
    )
    const { links, truncated, missing } = trace
    const rest = JSON.stringify({ links, truncated, missing }).slice(1)
    return `{"event_id":${JSON.stringify(trace.eventId)},"event":${trace.text},"upstream":${spellAll(trace.upstream)},"downstream":${spellAll(trace.downstream)},${rest}`
  },
})

/** Hardly any walk meets so many links that it takes more than a short read. */
async function readTrace(
  trace: (snapshot: Snapshot, limit?: WorkLimit) => Promise<Trace>,
  signal: AbortSignal,
  { reader, longReads, queryLimitMs }: ApiDependencies,
): Promise<Trace> {
  try {
    return await reader.read((snapshot) => trace(snapshot))
  } catch (error) {
    if (!(error instanceof TurnlogError && error.code === 'QUERY_TOO_BROAD')) throw error
    const advice = 'ask for a smaller depth, or for one direction'
    return longReads.read({ limitMs: queryLimitMs, signal, advice }, trace)
  }
}

function spellAll(events: readonly TracedEvent[]): string {
  const items = events.map(
    ({ eventId, depth, text }) =>
      `{"event_id":${JSON.stringify(eventId)},"depth":${depth},"event":${text}}`,
  )
  return `[${joinTexts(items)}]`
}
