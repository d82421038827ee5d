import { listEvents } from '../../src/query/list-events.js'
import { eventsQuery, simulationParameters } from '../parameters.js'
import { eventsResponse } from '../responses.js'
import { defineRoute } from '../route.js'

/** `GET /simulations/{simulation_id}/events`. */
export const listEventsRoute = defineRoute({
  path: '/simulations/{simulation_id}/events',
  operationId: 'listEvents',
  summary: 'A page of the events that match, in the order of time.',
  parameters: simulationParameters,
  query: eventsQuery,
  response: eventsResponse,
  notFound: 'No simulation has this id.',
  readsSidecar: true,
  async answer({ parameters, query }, { reader }) {
    const filter = {
      startTimestamp: query.start_timestamp,
      endTimestamp: query.end_timestamp,
      turnStart: query.turn_start,
      turnEnd: query.turn_end,
      eventTypes: query.event_types,
      agentIds: query.agent_ids,
    }
    const { order, limit, offset, cursor } = query
    const page = await reader.read((snapshot) =>
      listEvents(snapshot, parameters.simulation_id, { filter, order, limit, offset, cursor }),
    )
    const { total, hasMore, nextCursor } = page
    // The lines go out as they came in: parsing them would change how numbers are spelled.
    return `{"events":[${page.events.join(',')}],"total":${total},"has_more":${JSON.stringify(hasMore)},"next_cursor":${JSON.stringify(nextCursor)}}`
  },
})
