import { z } from 'zod'
import { EXPORT_FORMATS } from '../cli/export/format-names.js'

/** A run exported, in a process of its own. */
export const exportJobSchema = z.object({
  db: z.string(),
  simulationId: z.string(),
  format: z.enum(EXPORT_FORMATS),
  output: z.string(),
})

/** What such a process finds out. */
export const exportResultSchema = z.object({
  events: z.number(),
  seconds: z.number(),
  /** Bytes that were written. */
  size: z.number(),
  /** Bytes of resident memory of the process, at the most. */
  memory: z.number(),
})

/** See {@link exportJobSchema}. */
export type ExportJob = z.infer<typeof exportJobSchema>
/** See {@link exportResultSchema}. */
export type ExportResult = z.infer<typeof exportResultSchema>
