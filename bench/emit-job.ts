import { z } from 'zod'

/** What writes events to a file, side by side. */
export const PEERS = ['turnlog', 'pino', 'createWriteStream', 'appendFileSync'] as const

/** How a simulation hands over its events: without ever yielding, or 1,000 between two turns of the event loop. */
export const PATTERNS = ['tight loop', 'bursts'] as const

/** One measurement, made in a process of its own. */
export const emitJobSchema = z.object({
  peer: z.enum(PEERS),
  pattern: z.enum(PATTERNS),
  events: z.int().positive(),
  /** An existing and empty directory. */
  directory: z.string(),
})

/** What such a process finds out. */
export const emitResultSchema = z.object({
  /** From the builder call to return, in microseconds. */
  p50: z.number(),
  p99: z.number(),
  p999: z.number(),
  /** Events per second that reached the file, from the first emit to its end. */
  rate: z.number(),
  dropped: z.number(),
  /** Bytes of resident memory above what the process had before the first emit, at the most. */
  memory: z.number(),
  /** Bytes, newline included. */
  bytesPerLine: z.number(),
})

/** The measurement of what the verbosity filters out. */
export const filteredJobSchema = z.object({
  events: z.int().positive(),
  directory: z.string(),
})

/** What it finds out. */
export const filteredResultSchema = z.object({
  /** Of one emit(), in microseconds. */
  cost: z.number(),
})

/** One of {@link PEERS}. */
export type PeerName = (typeof PEERS)[number]
/** One of {@link PATTERNS}. */
export type Pattern = (typeof PATTERNS)[number]
/** See {@link emitJobSchema}. */
export type EmitJob = z.infer<typeof emitJobSchema>
/** See {@link emitResultSchema}. */
export type EmitResult = z.infer<typeof emitResultSchema>
/** See {@link filteredJobSchema}. */
export type FilteredJob = z.infer<typeof filteredJobSchema>
/** See {@link filteredResultSchema}. */
export type FilteredResult = z.infer<typeof filteredResultSchema>
