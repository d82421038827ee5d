import { z } from 'zod'
import { listAgents } from '../../src/query/list-agents.js'
import { noQuery, simulationParameters } from '../parameters.js'
import { defineRoute } from '../route.js'

const eventCounts = z.object({
  event_count: z.int(),
  events_by_type: z.record(z.string(), z.int()),
})

/** What it answers. */
export const agentsResponse = z
  .object({
    agents: z.array(z.object({ agent_id: z.string(), ...eventCounts.shape })),
    without_agent: eventCounts.meta({ description: 'The events that are of no agent.' }),
  })
  .meta({ id: 'Agents' })

/** `GET /simulations/{simulation_id}/agents`. */
export const listAgentsRoute = defineRoute({
  path: '/simulations/{simulation_id}/agents',
  operationId: 'listAgents',
  summary: 'Every agent of a run, by id, and how many events it has.',
  parameters: simulationParameters,
  query: noQuery,
  response: agentsResponse,
  notFound: 'No simulation has this id.',
  readsSidecar: true,
  async answer({ parameters }, { reader }) {
    const id = parameters.simulation_id
    return JSON.stringify(await reader.read((snapshot) => listAgents(snapshot, id)))
  },
})
