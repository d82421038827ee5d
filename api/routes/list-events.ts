import { z } from 'zod'
import { listEvents } from '../../src/query/list-events.js'
import { decodeCursor } from '../../src/query/page-cursor.js'
import { checkBounds, contradict, filterOf, filterParameters } from '../filter-parameters.js'
import { integer, integerOr, MAX_EVENTS, simulationParameters } from '../parameters.js'
import { eventResponse, joinTexts } from '../responses.js'
import { defineRoute } from '../route.js'

const DEFAULT_PAGE_SIZE = 1_000
const pageOrder = z.enum(['asc', 'desc'], { error: 'must be asc or desc' })

/** Which events, and which page of them. */
const eventsQuery = z
  .strictObject({
    ...filterParameters,
    order: pageOrder
      .default('asc')
      .meta({ description: 'By (timestamp, event_id), the earliest or the latest first.' }),
    limit: integerOr(DEFAULT_PAGE_SIZE, { minimum: 1, maximum: MAX_EVENTS }, 'Events on the page.'),
    offset: integer(
      { minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      'Matching events to leave out first; a cursor is better for going through them all.',
    ).optional(),
    cursor: z
      .string()
      .optional()
      .meta({ description: 'Where to go on: next_cursor of the page before.' }),
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
    events: z.array(eventResponse),
    total: z.int().meta({ description: 'How many events match in all, exactly.' }),
    has_more: z.boolean(),
    next_cursor: z.string().nullable().meta({ description: 'Where the next page goes on.' }),
  })
  .meta({ id: 'EventPage' })

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
    const { order, limit, offset, cursor } = query
    const page = await reader.read((snapshot) =>
      listEvents(snapshot, parameters.simulation_id, {
        filter: filterOf(query),
        order,
        limit,
        offset,
        cursor,
      }),
    )
    const { total, hasMore, nextCursor } = page
    // The lines go out as they came in: parsing them would change how numbers are spelled.
    return `{"events":[${joinTexts(page.events)}],"total":${total},"has_more":${JSON.stringify(hasMore)},"next_cursor":${JSON.stringify(nextCursor)}}`
  },
})
