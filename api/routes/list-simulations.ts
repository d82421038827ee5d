import { z } from 'zod'
import { noQuery } from '../parameters.js'
import { simulationItem } from '../responses.js'
import { defineRoute } from '../route.js'

/** What it answers. */
export const simulationsResponse = z
  .object({ simulations: z.array(simulationItem) })
  .meta({ id: 'Simulations' })

/** `GET /simulations`. */
export const listSimulationsRoute = defineRoute({
  path: '/simulations',
  operationId: 'listSimulations',
  summary: 'Every run, by id.',
  query: noQuery,
  response: simulationsResponse,
  readsSidecar: true,
  async answer(_request, { runs }) {
    const simulations = await runs.simulations()
    return JSON.stringify({ simulations })
  },
})
