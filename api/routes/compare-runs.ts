import { z } from 'zod'
import { compareRuns, type Comparison, type TurnDifference } from '../../src/query/compare-runs.js'
import { ASPECTS } from '../../src/query/compared-event.js'
import type { AspectSurplus } from '../../src/query/turn-difference.js'
import { checkBounds, filterFields } from '../../src/query/filter-fields.js'
import { limitedRead } from '../limited-read.js'
import { joinTexts } from '../../src/store/join-texts.js'
import { eventResponse } from '../responses.js'
import { defineRoute } from '../route.js'

/** Events of each run and aspect that an answer shows. */
const MAX_SHOWN = 100

const run = z.string({ error: 'must be given' }).min(1, { error: 'must not be empty' })

/** Which runs, and where. */
const compareQuery = z
  .strictObject({
    a: run.meta({ description: "A run: its directory's name." }),
    b: run.meta({ description: 'The run it is compared with.' }),
    turn_start: filterFields.turn_start,
    turn_end: filterFields.turn_end,
  })
  .superRefine(checkBounds, { when: () => true })

const aspect = z.enum(ASPECTS)
const turn = z.int().nullable()

const comparedRun = z.object({
  id: z.string(),
  event_count: z.int(),
  first_turn: turn,
  last_turn: turn,
  events_by_type: z.record(z.string(), z.int()),
})

/** One for each aspect that differs. */
const events = z.array(eventResponse).optional()
const surplusEvents = z.object({ decisions: events, actions: events, state: events })
const count = z.int().optional()
const surplusCounts = z.object({ decisions: count, actions: count, state: count })

/** What it answers. */
export const comparisonResponse = z
  .object({
    a: comparedRun,
    b: comparedRun,
    first_difference: z
      .object({
        turn_number: z.int(),
        aspects: z.array(aspect),
        a: surplusEvents.meta({ description: 'What `a` has and `b` has not, the first 100.' }),
        b: surplusEvents.meta({ description: 'What `b` has and `a` has not, the first 100.' }),
        counts: z
          .object({ a: surplusCounts, b: surplusCounts })
          .meta({ description: 'How many there are, shown or not.' }),
      })
      .nullable(),
    first_differing_turn: z
      .object({ decisions: turn, actions: turn, state: turn })
      .meta({ description: 'By aspect; null where the compared turns do not differ.' }),
    compared_turns: z
      .object({ first: turn, last: turn })
      .meta({ description: 'Null where neither run has any.' }),
  })
  .meta({ id: 'Comparison' })

/** `GET /compare`. */
export const compareRunsRoute = defineRoute({
  path: '/compare',
  operationId: 'compareRuns',
  summary: 'Where two runs part: the first turn in which they differ.',
  query: compareQuery,
  response: comparisonResponse,
  notFound: 'No simulation has one of the ids.',
  readsSidecar: true,
  async answer({ query, signal }, dependencies) {
    const { a, b, turn_start: turnStart, turn_end: turnEnd } = query
    const request = { a, b, turnStart, turnEnd, maxShown: MAX_SHOWN }
    const comparison = await limitedRead(dependencies, { signal }, (snapshot, limit) =>
      compareRuns(snapshot, request, limit),
    )
    return spellComparison(comparison)
  },
})

function spellComparison(comparison: Comparison): string {
  const { runs, firstDifference, firstTurns, comparedTurns } = comparison
  const firstByAspect = ASPECTS.map((each) => [each, firstTurns.get(each) ?? null] as const)
  const before = JSON.stringify(runs).slice(0, -1)
  const behind = JSON.stringify({
    first_differing_turn: Object.fromEntries(firstByAspect),
    compared_turns: comparedTurns ?? { first: null, last: null },
  }).slice(1)
  const difference = firstDifference === undefined ? 'null' : spellDifference(firstDifference)
  return `${before},"first_difference":${difference},${behind}`
}

function spellDifference({ turn: number, surplus: { a, b } }: TurnDifference): string {
  const aspects = JSON.stringify(a.map(({ aspect: each }) => each))
  const counts = JSON.stringify({ a: countsOf(a), b: countsOf(b) })
  return `{"turn_number":${number},"aspects":${aspects},"a":${spellEvents(a)},"b":${spellEvents(b)},"counts":${counts}}`
}

function countsOf(surplus: readonly AspectSurplus[]): Record<string, number> {
  return Object.fromEntries(surplus.map(({ aspect: each, ...of }) => [each, of.count]))
}

/** The events go out as their lines spell them. */
function spellEvents(surplus: readonly AspectSurplus[]): string {
  return `{${surplus.map(({ aspect: each, ...of }) => `"${each}":[${joinTexts(of.events)}]`).join(',')}}`
}
