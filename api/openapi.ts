import {
  OpenApiGeneratorV31,
  OpenAPIRegistry,
  type ResponseConfig,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'
import { problemSchema } from './problem.js'
import type { Route } from './route.js'

type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>

/** Describes routes as OpenAPI 3.1, from the schemas that check their requests. */
export function createOpenApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const registry = new OpenAPIRegistry()
  registry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'Asked for where the server was given tokens.',
  })
  for (const route of routes) {
    if (route.internal !== true) registry.registerPath(describeRoute(route))
  }
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
  const { path, operationId, summary, parameters, query } = route
  return {
    method: 'get',
    path,
    operationId,
    summary,
    request: { query, ...(parameters === undefined ? {} : { params: parameters }) },
    // With a token or without: which of the two is the server's affair.
    security: route.open === true ? [] : [{ token: [] }, {}],
    responses: describeResponses(route),
  }
}

function describeResponses(route: Route): RouteConfig['responses'] {
  const { answer, stream, response, contentType = 'application/json', parameters, notFound } = route
  const [mediaType = contentType] = contentType.split(';')
  return {
    200: {
      description: 'OK',
      headers:
        route.volatile === true ? REQUEST_ID : { ...REQUEST_ID, ...etag(stream === undefined) },
      content: {
        ...(answer === undefined ? {} : { [mediaType]: { schema: response } }),
        ...(stream === undefined ? {} : { [stream.contentType]: { schema: z.string() } }),
      },
    },
    ...(route.volatile === true
      ? {}
      : {
          304: {
            description: 'As `If-None-Match` has it.',
            headers: { ...REQUEST_ID, ...etag(true) },
          },
        }),
    400: problem(
      parameters === undefined
        ? 'The request is not HTTP.'
        : 'The request is not HTTP, or its path has a percent sign that encodes nothing.',
    ),
    ...(route.open === true
      ? {}
      : { 401: problem('A token is needed, or the one given is not known.', CHALLENGE) }),
    ...(notFound === undefined ? {} : { 404: problem(notFound) }),
    408: problem('The request took too long to arrive.'),
    413: problem('The request has a body, and a large one.'),
    414: problem('The path with its query is too long.'),
    421: problem('The server does not go by the name in the Host header.'),
    422: problem(
      'A parameter is not as it must be, and `details` names each one; or too many events would have to be looked through.',
    ),
    429: problem('Too many requests from this address.', RETRY_AFTER),
    431: problem('The headers are too long.'),
    500: problem('A fault of the server.'),
    ...(route.readsSidecar
      ? {
          503: problem(
            'The sidecar cannot be read, its full-text index is not there yet, or too many questions that take long are under way.',
            RETRY_SOON,
          ),
        }
      : {}),
  }
}

const REQUEST_ID = header('X-Request-Id', "The request's id, its own or one it was given.")
const CHALLENGE = header('WWW-Authenticate', 'How to authenticate.')
const RETRY_AFTER = header('Retry-After', 'Seconds until the next request is answered.')

const RETRY_SOON = header('Retry-After', 'Seconds until it may be answered.', false)

/** @param required whether all forms of an answer have it: a stream does not */
function etag(required: boolean) {
  return header('ETag', 'For `If-None-Match`.', required)
}

function header(name: string, description: string, required = true) {
  return { [name]: { description, required, schema: { type: 'string' as const } } }
}

function problem(description: string, headers: ReturnType<typeof header> = {}): ResponseConfig {
  return {
    description,
    headers: { ...REQUEST_ID, ...headers },
    content: { 'application/problem+json': { schema: problemSchema } },
  }
}
