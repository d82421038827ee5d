import type { Command } from 'commander'
import { z } from 'zod'
import { RECORDED_EVENT_TYPES } from '../src/event/event-type.js'
import type { EventFilter } from '../src/query/event-filter.js'
import { checkBounds, contradict, filterFields, filterOf } from '../src/query/filter-fields.js'
import { addFieldOptions, type FieldFlags, readFields } from './field-options.js'

/** What flags say of which events are meant: the API's fields, and a turn in the place of two bounds. */
export const flaggedFields = { turn: filterFields.turn_start, ...filterFields }

type FlaggedFields = z.infer<z.ZodObject<typeof flaggedFields>>

/** The flags of {@link flaggedFields}. */
export const FILTER_FLAGS: FieldFlags<keyof typeof flaggedFields> = {
  turn: { flag: '--turn <n>', help: 'only events of this turn' },
  turn_start: { flag: '--turn-start <n>', help: 'only events of this turn or later' },
  turn_end: { flag: '--turn-end <n>', help: 'only events of this turn or earlier' },
  start_timestamp: {
    flag: '--start <time>',
    help: 'only events at this instant or later; ISO 8601, UTC where it names no zone',
  },
  end_timestamp: { flag: '--end <time>', help: 'only events at this instant or earlier' },
  event_types: {
    flag: '--type <types>',
    help: `only events of these types, with commas between them: ${RECORDED_EVENT_TYPES.join(', ')}; STATE and ENV are one`,
    several: 'listed',
    known: RECORDED_EVENT_TYPES,
  },
  agent_ids: {
    flag: '--agent <id>',
    help: 'only events of this agent, exactly; repeat it for more',
    several: 'repeated',
  },
  involving: {
    flag: '--involving <id>',
    help: 'only events of this agent, or with it among the participants; repeat it for more',
    several: 'repeated',
  },
  kinds: {
    flag: '--kind <word>',
    help: 'only events with this word in their milestone_type, decision_type, action_type, variable_name, calculation_type or status; repeat it for more',
    several: 'repeated',
  },
  q: {
    flag: '--q <words>',
    help: 'only events with all of these words in their description or details; "two words" follow each other, begin* is the beginning of a word, -words are not there',
  },
  'details.<path>': {
    flag: '--details <path=value>',
    help: 'only events with this value in their details, like action_payload.amount=3; repeat it for more, which hold all',
    several: 'pairs',
  },
}

/** Adds the flags that say which events. */
export function addFilterOptions(command: Command): Command {
  return addFieldOptions(command, FILTER_FLAGS)
}

// Also when a value is wrong by itself, so that an error names every wrong one.
const filterSchema = z.strictObject(flaggedFields).superRefine(checkFilter, { when: () => true })

/**
 * The filter that the flags of {@link addFilterOptions} ask for; without any, it is met by all.
 *
 * @throws TurnlogError SETTING_INVALID naming every flag that is wrong, and its value
 */
export function readFilter(command: Command): EventFilter {
  return flaggedFilterOf(readFields(command, filterSchema, FILTER_FLAGS))
}

/** Names flags that do not go together; for `superRefine`. */
export function checkFilter(
  fields: Readonly<Partial<Record<keyof typeof flaggedFields, unknown>>>,
  context: z.core.$RefinementCtx,
): void {
  checkBounds(fields, context)
  if (fields.turn === undefined) return
  if (fields.turn_start === undefined && fields.turn_end === undefined) return
  contradict(context, 'turn', 'cannot be used together with --turn-start or --turn-end')
}

/** The filter that {@link flaggedFields} ask for. */
export function flaggedFilterOf({ turn, ...fields }: FlaggedFields): EventFilter {
  return filterOf({
    ...fields,
    turn_start: fields.turn_start ?? turn,
    turn_end: fields.turn_end ?? turn,
  })
}
