import { z } from 'zod'
import { integerOr } from './field-values.js'

/** Which way causality is walked: to causes, to effects, or both. */
export const TRACE_DIRECTIONS = ['upstream', 'downstream', 'both'] as const

/** One of {@link TRACE_DIRECTIONS}. */
export type TraceDirection = (typeof TRACE_DIRECTIONS)[number]

/** How far causality is walked, as texts. */
export const causalityFields = {
  depth: integerOr(5, { minimum: 1, maximum: 20 }, 'Steps from the event.'),
  direction: z
    .enum(TRACE_DIRECTIONS, { error: 'must be upstream, downstream or both' })
    .default('both')
    .meta({ description: 'To causes, to effects, or both.' }),
  max_nodes: integerOr(
    1_000,
    { minimum: 1, maximum: 10_000 },
    'Events in each direction, the nearest first.',
  ),
}
