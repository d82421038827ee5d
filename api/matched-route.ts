import type { Response } from 'express'

const matched = new WeakMap<Response, string>()

/** Remembers the template of the route a request was found to be for. */
export function setMatchedRoute(response: Response, path: string): void {
  matched.set(response, path)
}

/** The template of a request's route; undefined where nothing is at its path. */
export function matchedRoute(response: Response): string | undefined {
  return matched.get(response)
}
