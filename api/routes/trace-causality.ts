import { z } from 'zod'
import { causalityFields } from '../../src/query/causality-fields.js'
import { spellTrace } from '../../src/store/spell-trace.js'
import { eventParameters } from '../parameters.js'
import { eventResponse } from '../responses.js'
import { defineRoute } from '../route.js'

/** How far causality is walked. */
const causalityQuery = z.strictObject(causalityFields)

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
  async answer({ parameters, query, signal }, { runs, queryLimitMs }) {
    const { simulation_id: simulation, event_id: event } = parameters
    const { depth, direction, max_nodes: maxNodes } = query
    const request = { depth, direction, maxNodes }
    const patience = { limitMs: queryLimitMs, signal }
    return spellTrace(await runs.trace(simulation, event, request, patience))
  },
})
