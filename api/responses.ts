import { z } from 'zod'

/** An event as its line spells it: these keys, and whatever else the line has. */
export const eventResponse = z
  .looseObject({
    event_id: z.string(),
    timestamp: z.string(),
    turn_number: z.int(),
    event_type: z.string(),
  })
  .meta({ id: 'Event', description: 'An event exactly as it was recorded.' })

/** What a request asked for of an event. */
export const eventPartResponse = eventResponse
  .partial()
  .meta({ id: 'EventPart', description: 'Some keys of an event, exactly as they were recorded.' })

/** A size or an offset. */
export const bytes = z.int().meta({ description: 'Bytes.' })
/** A turn; null where there are no events. */
const turn = z.int().nullable()
/** A timestamp; null where there is none. */
export const time = z.string().nullable()

/** A run in a list. */
export const simulationItem = z.object({
  id: z.string(),
  name: z.string().meta({ description: 'The id without date, time and number of agents.' }),
  start_time: time.meta({ description: "The earliest event's timestamp." }),
  end_time: time.meta({ description: "The latest event's timestamp." }),
  event_count: z.int(),
  reject_count: z.int(),
  duplicate_count: z.int(),
  first_turn: turn,
  last_turn: turn,
})
