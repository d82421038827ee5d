import { z } from 'zod'
import { findCausalPath } from '../../src/query/find-causal-path.js'
import { limitedRead } from '../limited-read.js'
import { eventParameters, noQuery } from '../parameters.js'
import { joinTexts } from '../../src/store/join-texts.js'
import { eventResponse } from '../responses.js'
import { defineRoute } from '../route.js'

/** Events on a path that is answered: some 50 MB. */
const MAX_PATH_EVENTS = 100_000

const pathParameters = eventParameters.extend({
  effect_id: z.string().meta({ description: 'The event within the run that it led to.' }),
})

/** What it answers. */
export const causalPathResponse = z
  .object({
    from: z.string(),
    to: z.string(),
    length: z.int().meta({ description: 'Links from the one event to the other.' }),
    path: z.array(eventResponse).meta({
      description: 'From the cause to the effect, both among them; each is a cause of the next.',
    }),
  })
  .meta({ id: 'CausalPath' })

/** `GET /simulations/{simulation_id}/causality/{event_id}/path/{effect_id}`. */
export const findCausalPathRoute = defineRoute({
  path: '/simulations/{simulation_id}/causality/{event_id}/path/{effect_id}',
  operationId: 'findCausalPath',
  summary: 'How one event led to another: a shortest path from cause to effect.',
  parameters: pathParameters,
  query: noQuery,
  response: causalPathResponse,
  notFound:
    'No simulation has this id, it has no such event, or no path leads from the one event to the other.',
  readsSidecar: true,
  async answer({ parameters, signal }, dependencies) {
    const { simulation_id: simulation, event_id: cause, effect_id: effect } = parameters
    const request = { cause, effect, maxEvents: MAX_PATH_EVENTS }
    const events = await limitedRead(
      dependencies,
      { signal, advice: 'ask about events that are closer' },
      (snapshot, limit) => findCausalPath(snapshot, simulation, request, limit),
    )
    const ends = JSON.stringify({ from: cause, to: effect, length: events.length - 1 })
    return `${ends.slice(0, -1)},"path":[${joinTexts(events)}]}`
  },
})
