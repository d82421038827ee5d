import { z } from 'zod'
import { getTotals } from '../../src/query/get-totals.js'
import { noQuery } from '../parameters.js'
import { bytes, time } from '../responses.js'
import { defineRoute } from '../route.js'

/** What it answers. */
export const healthResponse = z
  .object({
    status: z.literal('healthy'),
    version: z.string(),
    simulations: z.int(),
    segments: z.int(),
    events: z.int(),
    rejects: z.int(),
    lag_bytes: bytes.meta({ description: 'Bytes not indexed, as of the last look at the files.' }),
    search_lag_events: z.int().meta({ description: 'Events that cannot be searched yet.' }),
    index: z.object({
      following: z.boolean(),
      last_pass: time.meta({ description: 'When the files were last looked at.' }),
      problem: z.string().nullable(),
      events_read: z
        .int()
        .meta({ description: 'Events that this server has read since it began.' }),
    }),
  })
  .meta({ id: 'Health' })

/** `GET /health`: whether the sidecar can be read, and how far it is behind. */
export const healthRoute = defineRoute({
  path: '/health',
  operationId: 'getHealth',
  summary: 'Whether the index can be read, and how far it is behind.',
  query: noQuery,
  response: healthResponse,
  readsSidecar: true,
  volatile: true,
  async answer(_request, { reader, version, followStatus }) {
    const totals = await reader.read((snapshot) => getTotals(snapshot))
    return JSON.stringify({ status: 'healthy', version, ...totals, index: followStatus() })
  },
})
