import { z } from 'zod'
import { asksOfTexts } from '../../src/query/event-filter.js'
import { checkCursor, eventsFields, eventsRequestOf } from '../../src/query/events-fields.js'
import { integer } from '../../src/query/field-values.js'
import { checkBounds, filterFields } from '../../src/query/filter-fields.js'
import { listEvents, PAGE_COUNTS, type PageRequest } from '../../src/query/list-events.js'
import { readAllEvents } from '../../src/query/read-all-events.js'
import type { Snapshot } from '../../src/sidecar/sidecar-reader.js'
import type { WorkLimit } from '../../src/query/work-limit.js'
import { MAX_EVENTS, simulationParameters } from '../parameters.js'
import { eventPartResponse, eventResponse, joinTexts } from '../responses.js'
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
  async answer({ parameters, query, signal }, { reader, longReads, queryLimitMs }) {
    const { limit = DEFAULT_PAGE_SIZE, count } = query
    const request: PageRequest = { ...eventsRequestOf(query), limit, count }
    const read = (snapshot: Snapshot, work?: WorkLimit) =>
      listEvents(snapshot, parameters.simulation_id, request, work)
    const page = asksOfTexts(request.filter)
      ? await longReads.read({ limitMs: queryLimitMs, signal }, read)
      : await reader.read((snapshot) => read(snapshot))
    const rest = { total: page.total, has_more: page.hasMore, next_cursor: page.nextCursor }
    // The lines go out as they came in: parsing them would change how numbers are spelled.
    return `{"events":[${joinTexts(page.events)}],${JSON.stringify(rest).slice(1)}`
  },
  stream: {
    contentType: 'application/x-ndjson',
    async *open({ parameters, query, signal }, { reader, longReads }) {
      const source = { reader, longReads, signal }
      const request = { ...eventsRequestOf(query), limit: query.limit }
      for await (const events of readAllEvents(source, parameters.simulation_id, request)) {
        yield events.map((text) => `${text}\n`).join('')
      }
    },
  },
})
