import { z } from 'zod'

/** The most events in one answer. */
export const MAX_EVENTS = 10_000

/** The run in a path. */
export const simulationParameters = z.object({
  simulation_id: z.string().meta({ description: "The run: its directory's name." }),
})

/** The event in a path. */
export const eventParameters = simulationParameters.extend({
  event_id: z.string().meta({ description: 'The event within the run.' }),
})

/** For what takes no parameters. */
export const noQuery = z.strictObject({})
