import { eventParameters, noQuery } from '../parameters.js'
import { eventResponse } from '../responses.js'
import { defineRoute } from '../route.js'

/** `GET /simulations/{simulation_id}/events/{event_id}`. */
export const getEventRoute = defineRoute({
  path: '/simulations/{simulation_id}/events/{event_id}',
  operationId: 'getEvent',
  summary: 'One event, exactly as it was recorded.',
  parameters: eventParameters,
  query: noQuery,
  response: eventResponse,
  notFound: 'No simulation has this id, or it has no such event.',
  readsSidecar: true,
  async answer({ parameters }, { runs }) {
    return runs.event(parameters.simulation_id, parameters.event_id)
  },
})
