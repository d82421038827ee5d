import { getSimulation } from '../../src/query/get-simulation.js'
import { noQuery, simulationParameters } from '../parameters.js'
import { simulationResponse } from '../responses.js'
import { defineRoute } from '../route.js'

/** `GET /simulations/{simulation_id}`. */
export const getSimulationRoute = defineRoute({
  path: '/simulations/{simulation_id}',
  operationId: 'getSimulation',
  summary: 'A run: its counts, its span, its files, and lines that are no events.',
  parameters: simulationParameters,
  query: noQuery,
  response: simulationResponse,
  notFound: 'No simulation has this id.',
  readsSidecar: true,
  async answer({ parameters }, { reader }) {
    const id = parameters.simulation_id
    return JSON.stringify(await reader.read((snapshot) => getSimulation(snapshot, id)))
  },
})
