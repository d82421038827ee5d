import { decodeLine } from '../../src/event/event-line.js'
import type { DecodedLine } from '../../src/event/line-parts.js'
import { wholeDetails } from '../../src/event/stored-parts.js'
import type { EventMatcher } from '../../src/query/event-matcher.js'
import type { TailLine } from '../../src/segment/run-tail.js'
import { spellWords } from '../../src/sidecar/spell-words.js'

/** The line of an event that matches, or one that is no event, and why. */
export type TailItem =
  | { readonly kind: 'event'; readonly line: TailLine; readonly text: string }
  | { readonly kind: 'reject'; readonly line: TailLine; readonly reason: string }

/** Of some lines of a run, the events that match and the lines that are none, in order. */
export function toItems(
  lines: readonly TailLine[],
  simulation: string,
  matcher: EventMatcher,
): TailItem[] {
  const read = lines.map((line) => ({ line, ...readLine(line, simulation) }))
  const events = read.flatMap(({ event }) => (event === undefined ? [] : [event]))
  const passing = matcher.match(events.map((event) => toMatched(event, matcher.searches)))
  const matching = new Set(events.filter((_, index) => passing[index]))
  return read.flatMap(({ line, event, problem }): TailItem[] => {
    if (event === undefined) return [{ kind: 'reject', line, reason: problem ?? '' }]
    return matching.has(event) ? [{ kind: 'event', line, text: line.text ?? '' }] : []
  })
}

interface ReadLine {
  readonly event?: DecodedLine
  readonly problem?: string
}

function readLine({ text, problem = '' }: TailLine, simulation: string): ReadLine {
  if (text === undefined) return { problem }
  const decoded = decodeLine(text, simulation)
  return 'problem' in decoded ? { problem: decoded.problem } : { event: decoded }
}

function toMatched(event: DecodedLine, searches: boolean) {
  const details = wholeDetails(event)
  const { description } = event
  return {
    ...event,
    details,
    searched: searches ? { description, details: details && spellWords(details) } : undefined,
  }
}
