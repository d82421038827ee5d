import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainlyValid } from '#src/event/check-event.js'
import { eventSchema } from '#src/event/event-schema.js'
import { EVENT_TYPES } from '#src/event/event-type.js'

const ULID = '01K6QSPYQQECAPQKQSZ39S9QG5'
const name = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  fc.constantFrom('trade', 'a', '\0', '😀'),
)
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({ withNullPrototype: true, withSparseArray: true, withBigInt: true, maxDepth: 1 }),
  fc.constantFrom<unknown>('', '\ud83d', [''], [undefined], new Array(2), ['a', 1], new Date(0)),
  fc.constantFrom<unknown>(-1, 1.5, 2 ** 53, NaN, -0, '0', null, undefined, () => 1, Symbol('s')),
  fc.constantFrom<unknown>('x'.repeat(501), '😀'.repeat(300), '😀'.repeat(501), Object('boxed')),
)

/** Mostly what belongs there, now and then anything at all. */
function mostly(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: value }, { weight: 1, arbitrary: odd })
}

const id = fc.oneof(
  { weight: 9, arbitrary: fc.constant(ULID) },
  fc.constantFrom(
    `8${ULID.slice(1)}`,
    `7${ULID.slice(1)}`,
    `/${ULID.slice(1)}`,
    ULID.toLowerCase(),
    `${ULID}0`,
    ULID.slice(1),
    `${ULID.slice(1)}I`,
    `${ULID.slice(1)}\u0130`,
    `${ULID.slice(1)}🐟`,
  ),
)
const second = fc.constantFrom('2025-10-04T14:23:45', '2026-02-28T23:59:59', '2026-02-30T00:00:00')
const timestamp = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.tuple(second, fc.constant('.123456+00:00')).map((all) => all.join('')),
  },
  fc
    .tuple(second, fc.constantFrom('.12345a+00:00', '.123456Z', ' 123456+00:00', '.123456+01:00'))
    .map((all) => all.join('')),
)
const details = fc.record(
  {
    milestone_type: mostly(fc.constantFrom('turn_start', 'simulation_end')),
    decision_type: mostly(name),
    action_type: mostly(name),
    action_payload: mostly(fc.dictionary(name, fc.jsonValue(), { noNullPrototype: true })),
    variable_name: mostly(name),
    old_value: mostly(fc.jsonValue()),
    new_value: mostly(fc.jsonValue()),
    calculation_type: mostly(name),
    intermediate_values: mostly(fc.dictionary(name, fc.jsonValue(), { noNullPrototype: true })),
    status: mostly(fc.constantFrom('success', 'failure', 'retry', 'warning')),
  },
  { noNullPrototype: true },
)
const moreDetails = fc.record(
  {
    interaction_type: mostly(name),
    participating_agent_ids: mostly(fc.array(name, { maxLength: 3 })),
    scope: mostly(fc.constantFrom('global', 'agent')),
    error_type: mostly(name),
    retry_count: mostly(fc.nat()),
    own: odd,
  },
  { requiredKeys: [], noNullPrototype: true },
)
const anyEvent = fc
  .tuple(
    fc.record({
      event_id: mostly(id),
      timestamp: mostly(timestamp),
      turn_number: mostly(fc.nat()),
      event_type: mostly(fc.constantFrom(...EVENT_TYPES)),
      simulation_id: mostly(name),
      details: mostly(fc.tuple(details, moreDetails).map(([some, more]) => ({ ...some, ...more }))),
    }),
    fc.record(
      {
        agent_id: mostly(name),
        caused_by: mostly(fc.array(name, { maxLength: 3 })),
        description: mostly(fc.string({ unit: 'grapheme', maxLength: 100 })),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
    fc.oneof({ weight: 40, arbitrary: fc.constant({}) }, fc.dictionary(name, odd)),
  )
  .map(([event, optional, unknown]) => ({ ...event, ...optional, ...unknown }))

describe('the quick look at an event', () => {
  it('accepts nothing that the schema refuses, and hardly anything less', () => {
    let accepted = 0
    let valid = 0
    fc.assert(
      fc.property(anyEvent, (event) => {
        const isValid = eventSchema.safeParse(event).success
        const isPlain = isPlainlyValid(event)
        if (isValid) valid++
        if (isPlain) accepted++
        expect(isValid || !isPlain).toBe(true)
      }),
      { numRuns: 5_000 },
    )
    expect(accepted).toBeGreaterThan(500)
    expect(accepted / valid).toBeGreaterThan(0.9)
  })

  it.each([null, undefined, 1, 'text', [], () => 1, new Date(0)])(
    'takes %s for no event',
    (value) => {
      expect(isPlainlyValid(value)).toBe(false)
    },
  )
})
