import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Aspect } from '#src/query/compared-event.js'
import type { NaiveEvent } from './naive.js'

const TYPES: Readonly<Record<Aspect, readonly string[]>> = {
  decisions: ['DECISION'],
  actions: ['ACTION'],
  state: ['STATE', 'ENV'],
}
/** What runs are compared by, in the order of answers. */
export const COMPARED = ['decisions', 'actions', 'state'] as const

/** What each of two runs has in a turn and the other has not, by aspect. */
export interface NaiveDifference {
  readonly turn: number
  readonly aspects: readonly {
    readonly aspect: Aspect
    readonly a: readonly NaiveEvent[]
    readonly b: readonly NaiveEvent[]
  }[]
}

const said = z.object({ agent_id: z.unknown().optional(), details: z.unknown().optional() })

/** Whether two events say the same, by what `JSON.parse` makes of their lines. */
function isSame(a: NaiveEvent, b: NaiveEvent): boolean {
  const [one, other] = [a, b].map(({ line }) => said.parse(JSON.parse(line)))
  return (
    (one?.agent_id ?? null) === (other?.agent_id ?? null) &&
    isDeepStrictEqual(one?.details ?? null, other?.details ?? null)
  )
}

/** Every turn in which two runs differ, by a plain reading of both; the events in their order. */
export function compareNaively(
  a: readonly NaiveEvent[],
  b: readonly NaiveEvent[],
): NaiveDifference[] {
  const turns = [...new Set([...a, ...b].map(({ turn }) => turn))].sort((one, two) => one - two)
  return turns.flatMap((turn) => {
    const aspects = COMPARED.flatMap((aspect) => {
      const of = (run: readonly NaiveEvent[]): NaiveEvent[] =>
        run.filter((event) => event.turn === turn && TYPES[aspect].includes(event.type))
      const alone = {
        aspect,
        a: withoutCounterpart(of(a), of(b)),
        b: withoutCounterpart(of(b), of(a)),
      }
      return alone.a.length + alone.b.length === 0 ? [] : [alone]
    })
    return aspects.length === 0 ? [] : [{ turn, aspects }]
  })
}

/** Of events that say the same, the latest have the counterparts there are. */
function withoutCounterpart(
  events: readonly NaiveEvent[],
  others: readonly NaiveEvent[],
): NaiveEvent[] {
  const left = [...others]
  return [...events]
    .reverse()
    .filter((event) => {
      const at = left.findIndex((other) => isSame(event, other))
      if (at === -1) return true
      left.splice(at, 1)
      return false
    })
    .reverse()
}
