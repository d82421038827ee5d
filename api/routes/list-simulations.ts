import { listSimulations } from '../../src/query/list-simulations.js'
import { noQuery } from '../parameters.js'
import { simulationsResponse } from '../responses.js'
import { defineRoute } from '../route.js'

/** `GET /simulations`. */
export const listSimulationsRoute = defineRoute({
  path: '/simulations',
  operationId: 'listSimulations',
  summary: 'Every run, by id.',
  query: noQuery,
  response: simulationsResponse,
  readsSidecar: true,
  async answer(_request, { reader }) {
    const simulations = await reader.read((snapshot) => listSimulations(snapshot))
    return JSON.stringify({ simulations })
  },
})
