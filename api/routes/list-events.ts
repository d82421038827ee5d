import { z } from 'zod'
import { asksOfTexts } from '../../src/query/event-filter.js'
import {
  type EventsRequest,
  listEvents,
  PAGE_COUNTS,
  type PageRequest,
} from '../../src/query/list-events.js'
import { decodeCursor } from '../../src/query/page-cursor.js'
import { readAllEvents } from '../../src/query/read-all-events.js'
import type { Snapshot } from '../../src/sidecar/sidecar-reader.js'
import type { WorkLimit } from '../../src/query/work-limit.js'
import { checkBounds, contradict, filterOf, filterParameters } from '../filter-parameters.js'
import { integer, MAX_EVENTS, name, simulationParameters } from '../parameters.js'
import { eventPartResponse, eventResponse, joinTexts } from '../responses.js'
import { defineRoute } from '../route.js'

const DEFAULT_PAGE_SIZE = 1_000
const MAX_FIELDS = 50
const pageOrder = z.enum(['asc', 'desc'], { error: 'must be asc or desc' })

/** Without a default: a stream has no end unless it is told one. */
const pageSize = integer(
  { minimum: 1, maximum: MAX_EVENTS },
  'Events on the page; of a stream, events in all, and every match unless given.',
)

/** Which events, and which page of them. */
const eventsQuery = z
  .strictObject({
    ...filterParameters,
    order: pageOrder
      .default('asc')
      .meta({ description: 'By (timestamp, event_id), the earliest or the latest first.' }),
    limit: pageSize.optional().meta({ ...pageSize.meta(), default: DEFAULT_PAGE_SIZE }),
    offset: integer(
      { minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      'Matching events to leave out first; a cursor is better for going through them all.',
    ).optional(),
    cursor: z
      .string()
      .optional()
      .meta({ description: 'Where to go on: next_cursor of the page before.' }),
    count: z
      .enum(PAGE_COUNTS, { error: 'must be exact or none' })
      .default('exact')
      .meta({ description: 'Whether all matches are counted; without, total is null.' }),
    fields: z
      .array(name)
      .max(MAX_FIELDS, { error: `must not be more than ${MAX_FIELDS}` })
      .optional()
      .meta({ description: 'Only these top-level keys of each event. Repeat the key.' }),
  })
  // Also when a parameter is wrong by itself, so that an answer names every wrong one.
  .superRefine(checkBounds, { when: () => true })
  .superRefine(checkCursor, { when: () => true })

/** A query of which any parameter may still be the text it was, or nothing. */
interface UncheckedPage {
  readonly order: unknown
  readonly offset?: unknown
  readonly cursor?: unknown
}

/** Names what does not go with the cursor. */
function checkCursor(query: UncheckedPage, context: z.core.$RefinementCtx): void {
  const { cursor, offset } = query
  if (typeof cursor !== 'string') return
  if (offset !== undefined) contradict(context, 'offset', 'cannot be used together with cursor')
  const order = pageOrder.safeParse(query.order)
  if (!order.success) return
  const position = decodeCursor(cursor, order.data)
  if ('problem' in position) contradict(context, 'cursor', position.problem)
}

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

function requestOf(query: z.infer<typeof eventsQuery>): EventsRequest {
  const { order, offset, cursor, fields } = query
  return { filter: filterOf(query), order, offset, cursor, fields }
}

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
    const request: PageRequest = { ...requestOf(query), limit, count }
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
      const request = { ...requestOf(query), limit: query.limit }
      for await (const events of readAllEvents(source, parameters.simulation_id, request)) {
        yield events.map((text) => `${text}\n`).join('')
      }
    },
  },
})
