import { z } from 'zod'
import { noQuery } from '../parameters.js'
import { defineRoute } from '../route.js'

/** `GET /metrics`: figures for Prometheus. */
export const metricsRoute = defineRoute({
  path: '/metrics',
  operationId: 'getMetrics',
  summary: 'Figures of the server and the index, for Prometheus.',
  query: noQuery,
  response: z.string(),
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  readsSidecar: false,
  volatile: true,
  async answer(_request, { metrics, reader, followStatus }) {
    return metrics.text(reader, followStatus().events_read)
  },
})
