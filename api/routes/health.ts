import { getTotals } from '../../src/query/get-totals.js'
import { noQuery } from '../parameters.js'
import { healthResponse } from '../responses.js'
import { defineRoute } from '../route.js'

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
