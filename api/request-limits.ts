import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { ApiError } from './problem.js'

/** No endpoint reads a body; what a client sends all the same is let pass up to here, in bytes. */
const MAX_BODY_BYTES = 16 * 1024

/** Refuses requests that are larger than any endpoint needs. */
export function limitSize(maxUrlBytes: number): RequestHandler {
  return (request, _response, next) => {
    const headers = { Connection: 'close' }
    if (request.originalUrl.length > maxUrlBytes) {
      const message = `the path with its query is longer than ${maxUrlBytes} bytes`
      throw new ApiError('URI_TOO_LONG', message)
    }
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
      const message = `the body is longer than ${MAX_BODY_BYTES} bytes`
      throw new ApiError('CONTENT_TOO_LARGE', message, { headers })
    }
    if (request.headers['transfer-encoding'] !== undefined) {
      const message = 'a body of unknown length is not taken'
      throw new ApiError('CONTENT_TOO_LARGE', message, { headers })
    }
    next()
  }
}

/** Refuses more than so many requests a minute from one address. */
export function limitRate(requestsPerMinute: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: requestsPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // A proxy is one address: whom it asks for is its own to limit.
    validate: { xForwardedForHeader: false },
    handler: () => {
      const message = `more than ${requestsPerMinute} requests in a minute; Retry-After says when to go on`
      throw new ApiError('RATE_LIMITED', message)
    },
  })
}
