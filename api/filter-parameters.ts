import { z } from 'zod'
import { RECORDED_EVENT_TYPES } from '../src/event/event-type.js'
import type { EventFilter } from '../src/query/event-filter.js'
import { instant, integer, name, type Range } from './parameters.js'

const TURN_RANGE: Range = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }

const eventType = z.enum(RECORDED_EVENT_TYPES, {
  error: `must be one of ${RECORDED_EVENT_TYPES.join(', ')}`,
})

/** The parameters that say which events; to be spread into a query. */
export const filterParameters = {
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
  kinds: z.array(name).optional().meta({
    description:
      'Only events of these kinds: the word an event has in its milestone_type, decision_type, action_type, variable_name, calculation_type or status. Repeat the key.',
  }),
  involving: z.array(name).optional().meta({
    description:
      'Only events of these agents, or with them among the participants. Repeat the key.',
  }),
}

/** The filter that a query asks for. */
export function filterOf(query: z.infer<z.ZodObject<typeof filterParameters>>): EventFilter {
  return {
    startTimestamp: query.start_timestamp,
    endTimestamp: query.end_timestamp,
    turnStart: query.turn_start,
    turnEnd: query.turn_end,
    eventTypes: query.event_types,
    agentIds: query.agent_ids,
    kinds: query.kinds,
    involving: query.involving,
  }
}

/** A filter of which any parameter may still be the text it was, or nothing. */
type UncheckedFilter = Readonly<Partial<Record<keyof typeof filterParameters, unknown>>>

/** Names bounds that leave nothing between them; for `superRefine`. */
export function checkBounds(query: UncheckedFilter, context: z.core.$RefinementCtx): void {
  if (isBelow(query.end_timestamp, query.start_timestamp)) {
    contradict(context, 'end_timestamp', 'must not be earlier than start_timestamp')
  }
  if (isBelow(query.turn_end, query.turn_start)) {
    contradict(context, 'turn_end', 'must not be smaller than turn_start')
  }
}

/** Names a parameter that does not go with another. */
export function contradict(
  context: z.core.$RefinementCtx,
  parameter: string,
  message: string,
): void {
  context.addIssue({ code: 'custom', path: [parameter], message })
}

function isBelow(a: unknown, b: unknown): boolean {
  return typeof a === 'number' && typeof b === 'number' && a < b
}
