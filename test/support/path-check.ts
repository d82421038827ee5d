import { expect } from 'vitest'
import { TurnlogError } from '#src/errors.js'
import { findCausalPath } from '#src/query/find-causal-path.js'
import { WorkLimit, type WorkLimitOptions } from '#src/query/work-limit.js'
import type { Read } from './trace-check.js'
import type { NaiveEvent } from './naive.js'
import { findPathNaively } from './naive-path.js'

/** How a path is asked for, unless by default. */
export interface PathOptions {
  readonly run?: string
  readonly limit?: WorkLimitOptions
  readonly maxEvents?: number
}

/** Finds a path on a snapshot of its own. */
export function findPath(
  { reader }: Read,
  cause: string,
  effect: string,
  { run = 'run', limit = { limitMs: 60_000 }, maxEvents = 1_000_000 }: PathOptions = {},
): Promise<string[]> {
  const request = { cause, effect, maxEvents }
  return reader.read((snapshot) => findCausalPath(snapshot, run, request, new WorkLimit(limit)))
}

/** The ids of events, from their lines. */
export function idsOfLines(lines: readonly string[]): string[] {
  return lines.map((line) => /"event_id":"([^"]+)"/.exec(line)?.[1] ?? '')
}

/** Events on a path that is found within a few milliseconds. */
const SOON_FOUND = 50

/** What came of looking for a path. */
export type PathOutcome = 'path' | 'opposite' | 'none'

/** Finds a path, and makes sure that it is what a plain reading of every line of the run finds. */
export async function expectPathOfLines(
  indexed: Read,
  events: readonly NaiveEvent[],
  [cause, effect]: readonly [cause: string, effect: string],
  run = 'run',
): Promise<PathOutcome> {
  const expected = findPathNaively(events, cause, effect)
  const found = findPath(indexed, cause, effect, { run })
  if (expected !== undefined) {
    expect(await found).toEqual(expected.map(({ line }) => line))
    return 'path'
  }
  const opposite = findPathNaively(events, effect, cause)
  const none = `no causal path leads from the event "${cause}" to the event "${effect}"`
  const mentioned = `${none}; one leads from "${effect}" to "${cause}"`
  const error: unknown = await found.catch((reason: unknown) => reason)
  const message = error instanceof TurnlogError ? `${error.code}: ${error.message}` : error
  // One that takes long to be found may be left out.
  const isFar = opposite !== undefined && opposite.length > SOON_FOUND
  const possible = [
    ...(opposite ? [mentioned] : []),
    ...(opposite === undefined || isFar ? [none] : []),
  ]
  expect(possible.map((each) => `PATH_NOT_FOUND: ${each}`)).toContain(message)
  return opposite ? 'opposite' : 'none'
}
