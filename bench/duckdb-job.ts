import { z } from 'zod'
import { queryJobSchema, shapeLatenciesSchema } from './query-job.js'

/** What loading one segment into another database came to. */
export const loadResultSchema = z.object({
  events: z.number(),
  seconds: z.number(),
  /** Bytes of the database. */
  size: z.number(),
})

/** A segment loaded into DuckDB, and asked there, in a process of its own. */
export const duckDbJobSchema = z.object({
  segment: z.string(),
  /** An existing and empty directory. */
  directory: z.string(),
  /** What is asked once it is loaded, and how often; left out, nothing is. */
  queries: queryJobSchema.extend({ fileRounds: z.int().positive() }).optional(),
})

/** What such a process finds out. */
export const duckDbResultSchema = z.object({
  version: z.string(),
  load: loadResultSchema,
  /** Of the table it loaded. */
  table: shapeLatenciesSchema,
  /** Of the file as it is. */
  file: shapeLatenciesSchema,
})

/** See {@link loadResultSchema}. */
export type LoadResult = z.infer<typeof loadResultSchema>
/** See {@link duckDbJobSchema}. */
export type DuckDbJob = z.infer<typeof duckDbJobSchema>
/** See {@link duckDbResultSchema}. */
export type DuckDbResult = z.infer<typeof duckDbResultSchema>
