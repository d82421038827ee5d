import { z } from 'zod'
import { RECORDED_EVENT_TYPES } from '../src/event/event-type.js'
import { parseTimestamp } from '../src/event/timestamp.js'
import { decodeCursor } from '../src/query/page-cursor.js'

/** The most events on one page. */
export const MAX_PAGE_SIZE = 10_000
const DEFAULT_PAGE_SIZE = 1_000
const MAX_DEPTH = 20
const DEFAULT_DEPTH = 5
const DEFAULT_MAX_NODES = 1_000

interface Range {
  readonly minimum: number
  readonly maximum: number
}

const TURN_RANGE: Range = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }

/** A whole number in decimal digits; nothing JavaScript would also take for one. */
function integer(range: Range, description: string) {
  const { minimum, maximum } = range
  return z
    .string()
    .refine(
      (text) => /^\d{1,16}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum,
      {
        error: `must be a whole number from ${minimum} to ${maximum}`,
      },
    )
    .transform(Number)
    .meta({ description, type: 'integer', minimum, maximum })
}

/** An {@link integer} that need not be given. */
function integerOr(fallback: number, range: Range, description: string) {
  const given = integer(range, description)
  return given.default(fallback).meta({ ...given.meta(), default: fallback })
}

function instant(description: string) {
  return z
    .string()
    .transform((text, context) => {
      // A "+" that was not encoded arrives as a space; where an offset stands it can mean nothing else.
      const micros = parseTimestamp(text) ?? parseTimestamp(text.replace(/ (?=[^ ]*$)/, '+'))
      if (micros !== undefined) return micros
      context.addIssue({
        code: 'custom',
        message: 'must be an ISO 8601 date and time, like 2025-10-04T14:23:45.123456+00:00',
      })
      return z.NEVER
    })
    .meta({ description, type: 'string', format: 'date-time' })
}

const name = z
  .string()
  .min(1, { error: 'must not be empty' })
  .refine((text) => !text.includes('\0'), { error: 'must not hold a NUL character' })

const eventType = z.enum(RECORDED_EVENT_TYPES, {
  error: `must be one of ${RECORDED_EVENT_TYPES.join(', ')}`,
})

const pageOrder = z.enum(['asc', 'desc'], { error: 'must be asc or desc' })

/** The run in a path. */
export const simulationParameters = z.object({
  simulation_id: z.string().meta({ description: "The run: its directory's name." }),
})

/** The event in a path. */
export const eventParameters = simulationParameters.extend({
  event_id: z.string().meta({ description: 'The event within the run.' }),
})

/** Which events, and which page of them. */
export const eventsQuery = z
  .strictObject({
    start_timestamp: instant('Only events at this instant or later.').optional(),
    end_timestamp: instant('Only events at this instant or earlier.').optional(),
    turn_start: integer(TURN_RANGE, 'Only events of this turn or later.').optional(),
    turn_end: integer(TURN_RANGE, 'Only events of this turn or earlier.').optional(),
    event_types: z
      .array(eventType)
      .optional()
      .meta({ description: 'Only events of these types; STATE and ENV are one. Repeat the key.' }),
    agent_ids: z
      .array(name)
      .optional()
      .meta({ description: 'Only events of these agents, exactly. Repeat the key.' }),
    order: pageOrder
      .default('asc')
      .meta({ description: 'By (timestamp, event_id), the earliest or the latest first.' }),
    limit: integerOr(
      DEFAULT_PAGE_SIZE,
      { minimum: 1, maximum: MAX_PAGE_SIZE },
      'Events on the page.',
    ),
    offset: integer(
      { minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      'Matching events to leave out first; a cursor is better for going through them all.',
    ).optional(),
    cursor: z
      .string()
      .optional()
      .meta({ description: 'Where to go on: next_cursor of the page before.' }),
  })
  .superRefine(findContradictions, { when: () => true })

/** A query of which any parameter may still be the text it was, or nothing. */
interface Unchecked {
  readonly start_timestamp?: unknown
  readonly end_timestamp?: unknown
  readonly turn_start?: unknown
  readonly turn_end?: unknown
  readonly order: unknown
  readonly offset?: unknown
  readonly cursor?: unknown
}

/**
 * Names what does not go together. It is looked at even when a parameter is
 * wrong by itself, so that an answer names every wrong one.
 */
function findContradictions(query: Unchecked, context: z.core.$RefinementCtx): void {
  const contradict = (parameter: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [parameter], message })
  }
  if (isBelow(query.end_timestamp, query.start_timestamp)) {
    contradict('end_timestamp', 'must not be earlier than start_timestamp')
  }
  if (isBelow(query.turn_end, query.turn_start)) {
    contradict('turn_end', 'must not be smaller than turn_start')
  }
  const { cursor, offset } = query
  if (typeof cursor !== 'string') return
  if (offset !== undefined) contradict('offset', 'cannot be used together with cursor')
  const order = pageOrder.safeParse(query.order)
  if (!order.success) return
  const position = decodeCursor(cursor, order.data)
  if ('problem' in position) contradict('cursor', position.problem)
}

function isBelow(a: unknown, b: unknown): boolean {
  return typeof a === 'number' && typeof b === 'number' && a < b
}

/** How far causality is walked. */
export const causalityQuery = z.strictObject({
  depth: integerOr(DEFAULT_DEPTH, { minimum: 1, maximum: MAX_DEPTH }, 'Steps from the event.'),
  direction: z
    .enum(['upstream', 'downstream', 'both'], { error: 'must be upstream, downstream or both' })
    .default('both')
    .meta({ description: 'To causes, to effects, or both.' }),
  max_nodes: integerOr(
    DEFAULT_MAX_NODES,
    { minimum: 1, maximum: MAX_PAGE_SIZE },
    'Events in each direction, the nearest first.',
  ),
})

/** For what takes no parameters. */
export const noQuery = z.strictObject({})
