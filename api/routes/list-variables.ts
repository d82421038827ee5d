import { z } from 'zod'
import { listVariables } from '../../src/query/list-variables.js'
import { noQuery, simulationParameters } from '../parameters.js'
import { defineRoute } from '../route.js'

/** What it answers. */
export const variablesResponse = z
  .object({
    variables: z.array(
      z.object({
        name: z.string(),
        event_count: z.int(),
        agents: z
          .array(z.object({ agent_id: z.string().nullable(), event_count: z.int() }))
          .meta({ description: 'Whose it is; null stands for no agent.' }),
      }),
    ),
  })
  .meta({ id: 'Variables' })

/** `GET /simulations/{simulation_id}/variables`. */
export const listVariablesRoute = defineRoute({
  path: '/simulations/{simulation_id}/variables',
  operationId: 'listVariables',
  summary: 'Every variable of a run, by name, and how often it changed.',
  parameters: simulationParameters,
  query: noQuery,
  response: variablesResponse,
  notFound: 'No simulation has this id.',
  readsSidecar: true,
  async answer({ parameters }, { reader }) {
    const id = parameters.simulation_id
    const variables = await reader.read((snapshot) => listVariables(snapshot, id))
    return JSON.stringify({ variables })
  },
})
