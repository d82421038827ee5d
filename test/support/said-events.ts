import fc from 'fast-check'
import { RECORDED_EVENT_TYPES } from '#src/event/event-type.js'
import { parseTimestamp } from '#src/event/timestamp.js'
import type { DetailsTest } from '#src/query/details-test.js'
import type { EventFilter } from '#src/query/event-filter.js'
import type { SearchQuery, SearchTerm } from '#src/query/search-query.js'

/** Words of which some differ by case and diacritics alone. */
const WORDS = [
  'Über',
  'uber',
  'UBER',
  'café',
  'cafe\u0301',
  'straße',
  '北京',
  'x1',
  '1',
  'rise',
  'rises',
]
const BEGINNINGS = ['ri', 'caf', 'ÜB', 'x', '北', 'rises', 'nothing']
const KEYS = ['a', 'b', 'päth', '0', 'variable_name', 'action_type', 'rise']
const AGENTS = ['anna', 'ben']

const phrase = fc
  .array(
    fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(' ', '-', '_', '. ', '\n', '"', '\\', '/')),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => parts.flat().slice(0, -1).join(''))

/** As JSON spells a string, plainly or in ASCII alone. */
const stringText = fc.tuple(phrase, fc.boolean()).map(([text, isAscii]) => {
  const spelled = JSON.stringify(text)
  return isAscii ? spelled.replaceAll(/[^ -~]/g, escaped) : spelled
})

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

const { valueText } = fc.letrec<{ valueText: string }>((tie) => ({
  valueText: fc.oneof(
    { maxDepth: 3 },
    stringText,
    fc.constantFrom(
      '1',
      '1.0',
      '-3',
      '2.50',
      '1e1',
      'true',
      'false',
      'null',
      '""',
      '"true"',
      '"-3"',
    ),
    fc.array(tie('valueText'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    objectText(tie('valueText')),
  ),
}))

function objectText(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .uniqueArray(fc.tuple(fc.constantFrom(...KEYS), value), {
      maxLength: 3,
      selector: ([key]) => key,
    })
    .map((members) => `{${members.map(([key, text]) => `"${key}":${text}`).join(',')}}`)
}

/** An instant of the events below, from 0. */
function isoAt(at: number): string {
  return `2025-06-01T00:00:00.${at.toString().padStart(6, '0')}+00:00`
}

/** Makes a line of the event that has a number in its run. */
export type MakeLine = (number: number) => string

/** Events that say something, spelled in many ways. */
export const saidEvent: fc.Arbitrary<MakeLine> = fc
  .record({
    at: fc.nat({ max: 30 }),
    turn: fc.nat({ max: 5 }),
    type: fc.constantFrom(...RECORDED_EVENT_TYPES),
    agent: fc.option(fc.constantFrom(...AGENTS), { nil: undefined }),
    description: fc.option(phrase, { nil: undefined }),
    details: fc.option(objectText(valueText), { nil: undefined }),
    prefix: fc.constantFrom('a', 'Z', '\uff5e'),
  })
  .map(({ at, turn, type, agent, description, details, prefix }) => (number) => {
    const head = {
      event_id: `${prefix}-${number}`,
      timestamp: isoAt(at),
      turn_number: turn,
      event_type: type,
      agent_id: agent,
      description,
    }
    const line = JSON.stringify(head)
    return details === undefined ? line : `${line.slice(0, -1)},"details":${details}}`
  })

const term: fc.Arbitrary<SearchTerm> = fc.oneof(
  {
    weight: 3,
    arbitrary: phrase.map((text) => ({ text: text.replaceAll('"', ' '), isPrefix: false })),
  },
  { weight: 2, arbitrary: fc.constantFrom(...WORDS).map((text) => ({ text, isPrefix: false })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...BEGINNINGS).map((text) => ({ text, isPrefix: true })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...WORDS), fc.constantFrom(...BEGINNINGS))
      .map(([word, beginning]) => ({ text: `${word} ${beginning}`, isPrefix: true })),
  },
)

const detailsTest: fc.Arbitrary<DetailsTest> = fc.record({
  path: fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 3 }),
  value: fc.oneof(
    phrase,
    fc.constantFrom('1', '1.0', '-3', '2.5', '10', 'true', 'false', 'null', '', '[]'),
  ),
})

function rarely<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })
}

const instant = fc.nat({ max: 30 }).map((at) => parseTimestamp(isoAt(at)))

/** Searches for what such events say. */
export const saidSearch: fc.Arbitrary<SearchQuery> = fc.record({
  wanted: fc.array(term, { minLength: 1, maxLength: 2 }),
  unwanted: fc.array(term, { maxLength: 1 }),
})

/** Filters of every kind, above all those that ask of texts. */
export const saidFilter: fc.Arbitrary<EventFilter> = fc.record({
  startTimestamp: rarely(instant),
  endTimestamp: rarely(instant),
  turnStart: rarely(fc.nat({ max: 3 })),
  turnEnd: rarely(fc.integer({ min: 2, max: 5 })),
  eventTypes: rarely(fc.subarray([...RECORDED_EVENT_TYPES], { minLength: 3 })),
  agentIds: rarely(fc.subarray(AGENTS)),
  search: fc.option(saidSearch, { nil: undefined, freq: 4 }),
  details: rarely(fc.array(detailsTest, { minLength: 1, maxLength: 2 })),
})
