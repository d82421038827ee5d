import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { requestIdOf } from './request-id.js'

/** What of a URL is logged, in characters. */
const MAX_LOGGED_URL = 2_000

/** Logs each request when its answer is over, or its client gone. */
export function logRequests(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const start = performance.now()
    response.once('close', () => {
      logger.info(
        {
          request_id: requestIdOf(response),
          method: request.method,
          url: request.originalUrl.slice(0, MAX_LOGGED_URL),
          client: request.socket.remoteAddress,
          status: response.statusCode,
          complete: response.writableFinished,
          duration_ms: Math.round((performance.now() - start) * 1000) / 1000,
        },
        'request',
      )
    })
    next()
  }
}
