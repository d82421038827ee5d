import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import { createOpenApiDocument } from './openapi.js'
import { noQuery } from './parameters.js'
import { parseQuery } from './parse-query.js'
import { ApiError, toApiError, toProblem } from './problem.js'
import type { ApiDependencies, Route } from './route.js'
import { routes } from './routes/index.js'

/** The HTTP interface, ready to be listened with. It reads the sidecar and nothing else. */
export function createApp(dependencies: ApiDependencies): Express {
  const app = express()
  app.disable('x-powered-by')
  for (const route of routes) {
    answerGet(app, route.path, async (request) => {
      const query = parseQuery(route.query, searchOf(request))
      return route.answer({ parameters: request.params, query }, dependencies)
    })
  }
  const document = JSON.stringify(createOpenApiDocument(routes, dependencies.version))
  answerGet(app, '/openapi.json', (request) => {
    parseQuery(noQuery, searchOf(request))
    return Promise.resolve(document)
  })
  app.use((request) => {
    throw new ApiError('NOT_FOUND', `there is nothing at ${request.path}`)
  })
  app.use(answerError)
  return app
}

function answerGet(
  app: Express,
  path: Route['path'],
  answer: (request: Request) => Promise<string>,
): void {
  app
    .route(path.replaceAll(/\{(\w+)\}/g, ':$1'))
    .get(async (request, response) => {
      response.type('application/json').send(await answer(request))
    })
    .all((request) => {
      const message = `${request.method} is not possible here; GET is`
      throw new ApiError('METHOD_NOT_ALLOWED', message, { headers: { Allow: 'GET, HEAD' } })
    })
}

function searchOf({ originalUrl }: Request): URLSearchParams {
  const start = originalUrl.indexOf('?')
  return new URLSearchParams(start === -1 ? '' : originalUrl.slice(start + 1))
}

/** Express knows an error handler by its four parameters. */
function answerError(
  error: unknown,
  _request: Request,
  response: Response,
  next: NextFunction,
): void {
  if (response.headersSent) {
    next(error)
    return
  }
  const apiError = toApiError(error)
  response
    .status(apiError.status)
    .set(apiError.headers)
    .type('application/problem+json')
    .send(JSON.stringify(toProblem(apiError)))
}
