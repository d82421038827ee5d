import { z } from 'zod'
import { noQuery } from '../parameters.js'
import { defineRoute } from '../route.js'

/** `GET /openapi.json`. */
export const openApiRoute = defineRoute({
  path: '/openapi.json',
  operationId: 'getOpenApi',
  summary: 'This description.',
  query: noQuery,
  response: z.looseObject({ openapi: z.string() }).meta({ id: 'OpenApiDocument' }),
  readsSidecar: false,
  open: true,
  answer: (_request, { openApi }) => openApi,
})
