import { z } from 'zod'
import { formatTimestamp, type TimestampMicros } from '../../src/event/timestamp.js'
import type { Histogram } from '../../src/query/bucket-counts.js'
import { countHistogram } from '../../src/query/count-histogram.js'
import { asksOfTexts } from '../../src/query/event-filter.js'
import { checkBounds, filterOf, filterFields } from '../../src/query/filter-fields.js'
import { limitedRead } from '../limited-read.js'
import { integerOr } from '../../src/query/field-values.js'
import { simulationParameters } from '../parameters.js'
import { defineRoute } from '../route.js'

const DEFAULT_BUCKETS = 50
const MAX_BUCKETS = 1_000

const axis = z.enum(['turn', 'time'], { error: 'must be turn or time' })

/** Which events, and how they are divided. */
const histogramQuery = z
  .strictObject({
    ...filterFields,
    by: axis.default('turn').meta({ description: 'What the buckets divide: turns or times.' }),
    buckets: integerOr(
      DEFAULT_BUCKETS,
      { minimum: 1, maximum: MAX_BUCKETS },
      'Buckets at the most.',
    ),
    split: z
      .enum(['type', 'agent'], { error: 'must be type or agent' })
      .optional()
      .meta({ description: 'Counts the events of a bucket by type or agent as well.' }),
  })
  .superRefine(checkBounds, { when: () => true })

const edge = z.union([z.int(), z.string()])

/** What it answers. */
export const histogramResponse = z
  .object({
    by: axis,
    total: z.int().meta({ description: 'How many events match in all, exactly.' }),
    buckets: z
      .array(
        z.object({
          start: edge.meta({ description: 'The first turn, or instant, that belongs to it.' }),
          end: edge.meta({ description: 'The last one that does.' }),
          count: z.int(),
          split: z
            .record(z.string(), z.int())
            .optional()
            .meta({ description: 'By type or agent; what is of no agent is under "".' }),
        }),
      )
      .meta({ description: 'One behind the other, those without events too.' }),
  })
  .meta({ id: 'Histogram' })

/** `GET /simulations/{simulation_id}/histogram`. */
export const countHistogramRoute = defineRoute({
  path: '/simulations/{simulation_id}/histogram',
  operationId: 'countHistogram',
  summary: 'How many of the events that match lie in each part of a run.',
  parameters: simulationParameters,
  query: histogramQuery,
  response: histogramResponse,
  notFound: 'No simulation has this id.',
  readsSidecar: true,
  async answer({ parameters, query, signal }, dependencies) {
    const { by, buckets, split } = query
    const request = { filter: filterOf(query), by, buckets, split }
    const reading = { signal, isLong: asksOfTexts(request.filter) }
    const histogram = await limitedRead(dependencies, reading, (snapshot, limit) =>
      countHistogram(snapshot, parameters.simulation_id, request, limit),
    )
    return JSON.stringify(toResponse(by, histogram))
  },
})

function toResponse(
  by: z.infer<typeof axis>,
  { total, buckets }: Histogram,
): z.infer<typeof histogramResponse> {
  const spell = (value: number): number | string =>
    by === 'turn' ? value : formatTimestamp(value as TimestampMicros)
  return {
    by,
    total,
    buckets: buckets.map(({ start, end, count, split }) => ({
      start: spell(start),
      end: spell(end),
      count,
      ...(split && { split }),
    })),
  }
}
