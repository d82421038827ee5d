import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import { ApiError } from './problem.js'

/**
 * Lets a request through that carries one of the tokens; any request where
 * there are none. How long it takes tells nothing about a token.
 */
export function requireToken(tokens: readonly string[]): RequestHandler {
  const digests = tokens.map(digest)
  return (request, _response, next) => {
    if (digests.length > 0) assertToken(digests, request.headers.authorization)
    next()
  }
}

function assertToken(digests: readonly Buffer[], header = ''): void {
  const [, given] = /^Bearer +(\S+) *$/i.exec(header) ?? []
  if (given === undefined) {
    throw unauthorized('a token is needed: Authorization: Bearer TOKEN', 'Bearer realm="turnlog"')
  }
  const givenDigest = digest(given)
  const matches = digests.filter((known) => timingSafeEqual(known, givenDigest))
  if (matches.length > 0) return
  throw unauthorized('the token is not known', 'Bearer realm="turnlog", error="invalid_token"')
}

function unauthorized(message: string, challenge: string): ApiError {
  return new ApiError('UNAUTHORIZED', message, { headers: { 'WWW-Authenticate': challenge } })
}

/** Of one length, whatever is digested. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
