import { z } from 'zod'
import { checkCursor, eventsFields, eventsRequestOf } from '../../src/query/events-fields.js'
import { integer } from '../../src/query/field-values.js'
import { checkBounds, filterFields } from '../../src/query/filter-fields.js'
import { PAGE_COUNTS, type PageRequest } from '../../src/query/list-events.js'
import { MAX_EVENTS, simulationParameters } from '../parameters.js'
import { joinTexts } from '../../src/store/join-texts.js'
import { eventPartResponse, eventResponse } from '../responses.js'
import { defineRoute } from '../route.js'

const DEFAULT_PAGE_SIZE = 1_000

/** Without a default: a stream has no end unless it is told one. */
const pageSize = integer(
  { minimum: 1, maximum: MAX_EVENTS },
  'Events on the page; of a stream, events in all, and every match unless given.',
)

const { order, offset, cursor, fields } = eventsFields

/** Which events, and which page of them. */
const eventsQuery = z
  .strictObject({
    ...filterFields,
    order,
    limit: pageSize.optional().meta({ ...pageSize.meta(), default: DEFAULT_PAGE_SIZE }),
    offset,
    cursor,
    count: z
      .enum(PAGE_COUNTS, { error: 'must be exact or none' })
      .default('exact')
      .meta({ description: 'Whether all matches are counted; without, total is null.' }),
    fields,
  })
  // Also when a parameter is wrong by itself, so that an answer names every wrong one.
  .superRefine(checkBounds, { when: () => true })
  .superRefine(checkCursor, { when: () => true })

/** What it answers. */
export const eventsResponse = z
  .object({
    events: z.array(z.union([eventResponse, eventPartResponse])),
    total: z
      .int()
      .nullable()
      .meta({ description: 'How many events match in all, exactly; null with count=none.' }),
    has_more: z.boolean(),
    next_cursor: z.string().nullable().meta({ description: 'Where the next page goes on.' }),
  })
  .meta({ id: 'EventPage' })

/** `GET /simulations/{simulation_id}/events`. */
export const listEventsRoute = defineRoute({
  path: '/simulations/{simulation_id}/events',
  operationId: 'listEvents',
  summary: 'A page of the events that match, in the order of time, or a stream of all of them.',
  parameters: simulationParameters,
  query: eventsQuery,
  response: eventsResponse,
  notFound: 'No simulation has this id.',
  readsSidecar: true,
  async answer({ parameters, query, signal }, { runs, queryLimitMs }) {
    const { limit = DEFAULT_PAGE_SIZE, count } = query
    const request: PageRequest = { ...eventsRequestOf(query), limit, count }
    const patience = { limitMs: queryLimitMs, signal }
    const page = await runs.page(parameters.simulation_id, request, patience)
    const rest = { total: page.total, has_more: page.hasMore, next_cursor: page.nextCursor }
    // The lines go out as they came in: parsing them would change how numbers are spelled.
    return `{"events":[${joinTexts(page.events)}],${JSON.stringify(rest).slice(1)}`
  },
  stream: {
    contentType: 'application/x-ndjson',
    async *open({ parameters, query, signal }, { runs }) {
      const request = { ...eventsRequestOf(query), limit: query.limit }
      for await (const events of runs.events(parameters.simulation_id, request, signal)) {
        yield events.map((text) => `${text}\n`).join('')
      }
    },
  },
})
