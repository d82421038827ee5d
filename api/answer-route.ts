import { createHash } from 'node:crypto'
import type { Express, Request, RequestHandler, Response } from 'express'
import type { z } from 'zod'
import { setMatchedRoute } from './matched-route.js'
import { parseQuery } from './parse-query.js'
import { ApiError } from './problem.js'
import type { ApiDependencies, Route, RouteRequest } from './route.js'
import { sendStream } from './send-stream.js'

const ALLOW = 'GET, HEAD, OPTIONS'

/** Makes an app answer a route: what it takes and refuses is the same for all of them. */
export function addRoute(
  app: Express,
  route: Route,
  dependencies: ApiDependencies,
  authenticate: RequestHandler,
): void {
  const answer = async (request: Request, response: Response): Promise<void> => {
    const controller = new AbortController()
    const end = (): void => {
      controller.abort()
    }
    response.once('close', end)
    const asked: RouteRequest<z.ZodObject, z.ZodObject> = {
      parameters: request.params,
      query: parseQuery(route.query, searchOf(request)),
      header: (name) => request.get(name),
      signal: controller.signal,
    }
    if (route.stream !== undefined && route.answer !== undefined) response.vary('Accept')
    if (isStreamed(route, request)) {
      const { contentType, endless, open } = route.stream
      const { closing, metrics, stallLimitMs } = dependencies
      if (endless === true) endWith(closing, response, end)
      await sendStream(response, {
        contentType,
        pieces: open(asked, dependencies),
        signal: asked.signal,
        stallLimitMs,
        onBegin: () => {
          if (endless === true) metrics.countStream(response)
        },
      })
      return
    }
    // No client has what is of this moment: whatever it holds is not the same.
    if (route.volatile === true) delete request.headers['if-none-match']
    try {
      // As bytes once, not for the digest and the answer each.
      const body = Buffer.from((await route.answer?.(asked, dependencies)) ?? '')
      response
        .type(route.contentType ?? 'application/json')
        .set(cachingOf(route, body))
        .send(body)
    } catch (error) {
      // The client is gone: there is nobody to tell, and nothing went wrong.
      if (error !== asked.signal.reason) throw error
    }
  }
  app
    .route(route.path.replaceAll(/\{(\w+)\}/g, ':$1'))
    .all((_request, response, next) => {
      setMatchedRoute(response, route.path)
      next()
    })
    .get(...(route.open === true ? [] : [authenticate]), answer)
    .options((_request, response) => {
      response.set('Allow', ALLOW).status(204).end()
    })
    .all((request) => {
      const message = `${request.method} is not possible here; GET is`
      throw new ApiError('METHOD_NOT_ALLOWED', message, { headers: { Allow: ALLOW } })
    })
}

type StreamedRoute = Route & Required<Pick<Route, 'stream'>>

/** Whether a request asks for the stream rather than for the whole answer at once. */
function isStreamed(route: Route, request: Request): route is StreamedRoute {
  const { answer, stream, contentType = 'application/json' } = route
  if (stream === undefined) return false
  if (answer === undefined) return true
  return request.accepts([contentType, stream.contentType]) === stream.contentType
}

/** Calls `end` when a server begins to close before an answer is over. */
function endWith(closing: AbortSignal, response: Response, end: () => void): void {
  if (closing.aborted) end()
  closing.addEventListener('abort', end)
  response.once('close', () => {
    closing.removeEventListener('abort', end)
  })
}

/** What may be kept is asked for again each time: its ETag tells whether it still holds. */
function cachingOf({ volatile }: Route, body: Uint8Array): Record<string, string> {
  if (volatile === true) return { 'Cache-Control': 'no-store' }
  const digest = createHash('sha1').update(body).digest('base64url')
  // Weak, since it is the same whether or not the answer is compressed.
  return { 'Cache-Control': 'private, no-cache', ETag: `W/"${digest}"` }
}

function searchOf({ originalUrl }: Request): string {
  const start = originalUrl.indexOf('?')
  return start === -1 ? '' : originalUrl.slice(start + 1)
}
