import { z } from 'zod'
import { samplesSchema } from './query-samples.js'

/** A generated run, as a job names it. */
export const generatedRunSchema = z.object({
  root: z.string(),
  simulationId: z.string(),
  events: z.int().positive(),
  agents: z.int().positive(),
})

/** The measurement of the query layer, made in a process of its own. */
export const queryJobSchema = z.object({
  run: generatedRunSchema,
  db: z.string(),
  samples: samplesSchema,
  /** Calls of each shape. */
  rounds: z.int().positive(),
})

/** In microseconds. */
const latencySchema = z.object({
  p50: z.number(),
  p99: z.number(),
  p999: z.number(),
  max: z.number(),
})

/** What such a process finds out: how long a question of each shape takes, by its name. */
export const shapeLatenciesSchema = z.record(z.string(), latencySchema)

/** See {@link queryJobSchema}. */
export type QueryJob = z.infer<typeof queryJobSchema>
/** See {@link shapeLatenciesSchema}. */
export type ShapeLatencies = z.infer<typeof shapeLatenciesSchema>
