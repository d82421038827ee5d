import { z } from 'zod'

/** A root brought into its sidecar, in a process of its own. */
export const indexJobSchema = z.object({
  /** The last one makes searchable what was read before. */
  how: z.enum(['incremental', 'reindex', 'search']),
  root: z.string(),
  db: z.string(),
})

/** What such a process finds out. */
export const indexResultSchema = z.object({
  /** That were read, or made searchable. */
  events: z.number(),
  seconds: z.number(),
  /** Bytes of resident memory of the process, at the most. */
  memory: z.number(),
})

/** See {@link indexJobSchema}. */
export type IndexJob = z.infer<typeof indexJobSchema>
/** See {@link indexResultSchema}. */
export type IndexResult = z.infer<typeof indexResultSchema>
