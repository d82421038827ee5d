import { z } from 'zod'
import { ANY_COUNT, integer, name } from './field-values.js'
import { contradict, filterFields, filterOf } from './filter-fields.js'
import type { EventsRequest } from './list-events.js'
import { decodeCursor } from './page-cursor.js'

const MAX_FIELDS = 50

/** By time and id: the earliest first, or the latest. */
export const PAGE_ORDERS = ['asc', 'desc'] as const

const pageOrder = z.enum(PAGE_ORDERS, { error: 'must be asc or desc' })

/** What says which events, in which order, and what of them, as texts; see {@link filterFields}. */
export const eventsFields = {
  ...filterFields,
  order: pageOrder
    .default('asc')
    .meta({ description: 'By (timestamp, event_id), the earliest or the latest first.' }),
  offset: integer(
    ANY_COUNT,
    'Matching events to leave out first; a cursor is better for going through them all.',
  ).optional(),
  cursor: z
    .string()
    .optional()
    .meta({ description: 'Where to go on: next_cursor of the page before.' }),
  fields: z
    .array(name)
    .max(MAX_FIELDS, { error: `must not be more than ${MAX_FIELDS}` })
    .optional()
    .meta({ description: 'Only these top-level keys of each event. Repeat the key.' }),
}

/** Fields of which any may still be the text it was, or nothing. */
interface UncheckedPlace {
  readonly order: unknown
  readonly offset?: unknown
  readonly cursor?: unknown
}

/** Names what does not go with the cursor; for `superRefine`. */
export function checkCursor(fields: UncheckedPlace, context: z.core.$RefinementCtx): void {
  const { cursor, offset } = fields
  if (typeof cursor !== 'string') return
  if (offset !== undefined) contradict(context, 'offset', 'cannot be used together with cursor')
  const order = pageOrder.safeParse(fields.order)
  if (!order.success) return
  const position = decodeCursor(cursor, order.data)
  if ('problem' in position) contradict(context, 'cursor', position.problem)
}

/** The events that these fields ask for. */
export function eventsRequestOf(given: z.infer<z.ZodObject<typeof eventsFields>>): EventsRequest {
  const { order, offset, cursor, fields } = given
  return { filter: filterOf(given), order, offset, cursor, fields }
}
