import { z } from 'zod'

/** A run written at a steady rate, in a process of its own. */
export const steadyJobSchema = z.object({
  root: z.string(),
  simulationId: z.string(),
  /** Events per second. */
  rate: z.int().positive(),
  seconds: z.number().positive(),
})

/** What such a process finds out. */
export const steadyResultSchema = z.object({
  written: z.number(),
  dropped: z.number(),
  /** How long it took in fact. */
  seconds: z.number(),
})

/** See {@link steadyJobSchema}. */
export type SteadyJob = z.infer<typeof steadyJobSchema>
/** See {@link steadyResultSchema}. */
export type SteadyResult = z.infer<typeof steadyResultSchema>

/** Milliseconds that mean the same in every process of a machine. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now()
}
