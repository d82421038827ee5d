import cors from 'cors'
import type { RequestHandler } from 'express'

const LOCAL_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/**
 * Lets pages of other origins read answers. Cookies and the like are never
 * asked for: a page that is to be let in where tokens are needed has one.
 *
 * @param origins with `local` for this machine on any port, and `*` for any
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  return cors({
    origin: origins.includes('*')
      ? '*'
      : (origin, decide) => {
          decide(null, origin !== undefined && isAllowed(origin, origins))
        },
    methods: ['GET', 'HEAD'],
    allowedHeaders: ['Authorization', 'If-None-Match', 'Last-Event-ID', 'X-Request-Id'],
    exposedHeaders: ['ETag', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'X-Request-Id'],
    maxAge: 600,
    preflightContinue: true,
  })
}

function isAllowed(origin: string, origins: readonly string[]): boolean {
  return origins.includes(origin) || (origins.includes('local') && LOCAL_ORIGIN.test(origin))
}
