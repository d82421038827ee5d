import { randomUUID } from 'node:crypto'
import type { RequestHandler, Response } from 'express'

const HEADER = 'X-Request-Id'

/** Gives every request an id, its own if that is fit for headers and logs, and answers with it. */
export const identifyRequest: RequestHandler = (request, response, next) => {
  const given = request.get(HEADER)
  const isFit = given !== undefined && /^[\w.:/+=-]{1,128}$/.test(given)
  response.set(HEADER, isFit ? given : randomUUID())
  next()
}

/** The id the request of a response was given. */
export function requestIdOf(response: Response): string {
  return response.get(HEADER) ?? ''
}
