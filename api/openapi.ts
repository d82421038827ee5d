import {
  OpenApiGeneratorV31,
  OpenAPIRegistry,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi'
import { problemSchema } from './problem.js'
import type { Route } from './route.js'

type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>

/** Describes routes as OpenAPI 3.1, from the schemas that check their requests. */
export function createOpenApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const registry = new OpenAPIRegistry()
  for (const route of routes) registry.registerPath(describeRoute(route))
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'turnlog',
      version,
      description: 'Recorded simulations: their events, exactly as recorded, and their causality.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
  })
}

function describeRoute(route: Route): RouteConfig {
  const { path, operationId, summary, parameters, query, response, notFound } = route
  return {
    method: 'get',
    path,
    operationId,
    summary,
    request: { query, ...(parameters === undefined ? {} : { params: parameters }) },
    responses: {
      200: { description: 'OK', content: { 'application/json': { schema: response } } },
      ...(notFound === undefined ? {} : { 404: problem(notFound) }),
      422: problem('A parameter is not as it must be; `details` names each one.'),
      503: problem('The sidecar cannot be read.'),
    },
  }
}

function problem(description: string): RouteConfig['responses'][string] {
  return { description, content: { 'application/problem+json': { schema: problemSchema } } }
}
