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

const bytes = z.int().meta({ description: 'Bytes.' })
const turn = z.int().nullable()
const time = z.string().nullable()

/** `GET /health`. */
export const healthResponse = z
  .object({
    status: z.literal('healthy'),
    version: z.string(),
    simulations: z.int(),
    segments: z.int(),
    events: z.int(),
    rejects: z.int(),
    lag_bytes: bytes.meta({ description: 'Bytes not indexed, as of the last look at the files.' }),
    index: z.object({
      following: z.boolean(),
      last_pass: time.meta({ description: 'When the files were last looked at.' }),
      problem: z.string().nullable(),
    }),
  })
  .meta({ id: 'Health' })

const simulationItem = z.object({
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

/** `GET /simulations`. */
export const simulationsResponse = z
  .object({ simulations: z.array(simulationItem) })
  .meta({ id: 'Simulations' })

/** `GET /simulations/{simulation_id}`. */
export const simulationResponse = simulationItem
  .extend({
    events_by_type: z.record(z.string(), z.int()),
    events_by_agent: z.record(z.string(), z.int()),
    segments: z.array(
      z.object({
        name: z.string(),
        size: bytes,
        indexed_bytes: bytes,
        lag_bytes: bytes,
        event_count: z.int(),
        reject_count: z.int(),
        duplicate_count: z.int(),
      }),
    ),
    rejects: z
      .array(z.object({ segment: z.string(), offset: bytes, length: bytes, reason: z.string() }))
      .meta({ description: 'The first 100; reject_count counts them all.' }),
    lag_bytes: bytes,
  })
  .meta({ id: 'Simulation' })

/** `GET /simulations/{simulation_id}/events`. */
export const eventsResponse = z
  .object({
    events: z.array(eventResponse),
    total: z.int().meta({ description: 'How many events match in all, exactly.' }),
    has_more: z.boolean(),
    next_cursor: z.string().nullable().meta({ description: 'Where the next page goes on.' }),
  })
  .meta({ id: 'EventPage' })

const tracedEvent = z.object({
  event_id: z.string(),
  depth: z.int().meta({ description: 'The smallest number of steps to it.' }),
  event: eventResponse,
})
const causalLink = z.object({ cause: z.string(), effect: z.string() })

/** `GET /simulations/{simulation_id}/causality/{event_id}`. */
export const causalityResponse = z
  .object({
    event_id: z.string(),
    event: eventResponse,
    upstream: z.array(tracedEvent).meta({ description: 'What led to it, the nearest first.' }),
    downstream: z.array(tracedEvent).meta({ description: 'What it led to, the nearest first.' }),
    links: z.array(causalLink).meta({ description: 'Every link between the events above.' }),
    truncated: z.boolean().meta({ description: 'Whether max_nodes left events out.' }),
    missing: z.array(causalLink).meta({ description: 'Named causes that the run does not have.' }),
  })
  .meta({ id: 'Causality' })
