import { z } from 'zod'
import { RECORDED_EVENT_TYPES } from '../event/event-type.js'
import { decodeDetailsPath, type DetailsTest, MAX_VALUE_LENGTH } from './details-test.js'
import type { EventFilter } from './event-filter.js'
import { ANY_COUNT, instant, integer, name } from './field-values.js'
import { decodeSearchQuery, MAX_SEARCH_LENGTH } from './search-query.js'

const eventType = z.enum(RECORDED_EVENT_TYPES, {
  error: `must be one of ${RECORDED_EVENT_TYPES.join(', ')}`,
})

const search = z
  .string()
  .transform((text, context) => {
    const query = decodeSearchQuery(text)
    if (!('problem' in query)) return query
    context.addIssue({ code: 'custom', message: query.problem })
    return z.NEVER
  })
  .meta({
    description:
      'Only events with all of these words in their description or details, in whatever case and with or without diacritics. "Words in quotes" follow each other, begin* is the beginning of a word, and -words occur nowhere.',
    type: 'string',
    maxLength: MAX_SEARCH_LENGTH,
  })

/** How many values of its details an event can be asked for. */
const MAX_DETAILS_TESTS = 16

const TOO_LONG = `must not be longer than ${MAX_VALUE_LENGTH} characters`

/** Pairs of what stands behind `details.`, and the value. */
const detailsTests = z
  .array(z.tuple([z.string(), z.string()]))
  .max(MAX_DETAILS_TESTS, { error: `must not be more than ${MAX_DETAILS_TESTS}` })
  .transform((pairs, context) =>
    pairs.flatMap(([text, value]): DetailsTest[] => {
      const path = decodeDetailsPath(text)
      if (!('problem' in path) && value.length <= MAX_VALUE_LENGTH) return [{ path, value }]
      contradict(context, `details.${text}`, 'problem' in path ? path.problem : TOO_LONG)
      return []
    }),
  )
  .meta({
    description:
      'Only events with this value in their details, like `details.action_payload.amount=3`: the keys from the outside inwards with a dot between two, a number for the item of a list. Equal are a string of exactly this text, and the number, true, false or null that it spells. Several can be given, and hold all.',
    // As a form is spelled: each property is a parameter of its own.
    type: 'object',
    patternProperties: { '^details\\..': { type: 'string', maxLength: MAX_VALUE_LENGTH } },
    maxProperties: MAX_DETAILS_TESTS,
  })

/**
 * What says which events, as texts: the parameters of the API, which flags and the library's own
 * queries are spelled as. To be spread into a schema.
 */
export const filterFields = {
  start_timestamp: instant('Only events at this instant or later.').optional(),
  end_timestamp: instant('Only events at this instant or earlier.').optional(),
  turn_start: integer(ANY_COUNT, 'Only events of this turn or later.').optional(),
  turn_end: integer(ANY_COUNT, 'Only events of this turn or earlier.').optional(),
  event_types: z
    .array(eventType)
    .optional()
    .meta({ description: 'Only events of these types; STATE and ENV are one. Repeat the key.' }),
  agent_ids: z
    .array(name)
    .optional()
    .meta({ description: 'Only events of these agents, exactly. Repeat the key.' }),
  kinds: z.array(name).optional().meta({
    description:
      'Only events of these kinds: the word an event has in its milestone_type, decision_type, action_type, variable_name, calculation_type or status. Repeat the key.',
  }),
  involving: z.array(name).optional().meta({
    description:
      'Only events of these agents, or with them among the participants. Repeat the key.',
  }),
  q: search.optional(),
  'details.<path>': detailsTests.optional(),
}

/** The filter that these fields ask for. */
export function filterOf(query: z.infer<z.ZodObject<typeof filterFields>>): EventFilter {
  return {
    startTimestamp: query.start_timestamp,
    endTimestamp: query.end_timestamp,
    turnStart: query.turn_start,
    turnEnd: query.turn_end,
    eventTypes: query.event_types,
    agentIds: query.agent_ids,
    kinds: query.kinds,
    involving: query.involving,
    search: query.q,
    details: query['details.<path>'],
  }
}

/** A filter of which any field may still be the text it was, or nothing. */
type UncheckedFilter = Readonly<Partial<Record<keyof typeof filterFields, unknown>>>

/** Names bounds that leave nothing between them; for `superRefine`. */
export function checkBounds(query: UncheckedFilter, context: z.core.$RefinementCtx): void {
  if (isBelow(query.end_timestamp, query.start_timestamp)) {
    contradict(context, 'end_timestamp', 'must not be earlier than start_timestamp')
  }
  if (isBelow(query.turn_end, query.turn_start)) {
    contradict(context, 'turn_end', 'must not be smaller than turn_start')
  }
}

/** Names a field that does not go with another. */
export function contradict(context: z.core.$RefinementCtx, field: string, message: string): void {
  context.addIssue({ code: 'custom', path: [field], message })
}

function isBelow(a: unknown, b: unknown): boolean {
  return typeof a === 'number' && typeof b === 'number' && a < b
}
