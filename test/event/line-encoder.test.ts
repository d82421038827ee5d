import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createActionEvent } from '#src/event/builders.js'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { LineEncoder } from '#src/event/line-encoder.js'

const SIZE = 20_000

class Trade {
  readonly price = 3
}

/** What JSON.stringify takes, plain or not. */
const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.double(),
    fc.integer(),
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      undefined,
      -0,
      NaN,
      'x'.repeat(199),
      'x'.repeat(200),
      `é${'x'.repeat(200)}`,
      '\n'.repeat(200),
      'é"\\\n',
    ),
    fc.constantFrom<unknown>(new Date(0), new Trade(), new Map([[1, 2]]), Object('boxed'), /x/u),
    fc.constantFrom<unknown>({ toJSON: () => 'own' }, () => 1, Symbol('s')),
    fc.constantFrom<unknown>([undefined], new Array(2), new Uint8Array(2), Object.create(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), tie('value'), { maxKeys: 4 }),
  ),
})).value

const anyEvent = fc
  .record(
    {
      event_id: fc.constant('01K6QSPYQQECAPQKQSZ39S9QG5'),
      timestamp: fc.constant('2025-10-04T14:23:45.123456+00:00'),
      turn_number: fc.nat(),
      event_type: fc.constant('ACTION' as const),
      simulation_id: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      agent_id: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      caused_by: fc.array(fc.string({ minLength: 1, maxLength: 26 }), { maxLength: 3 }),
      description: fc.string({ unit: 'grapheme', maxLength: 300 }),
      payload: fc.dictionary(fc.string(), anyValue, { maxKeys: 5 }),
    },
    {
      requiredKeys: [
        'event_id',
        'timestamp',
        'turn_number',
        'event_type',
        'simulation_id',
        'agent_id',
        'payload',
      ],
    },
  )
  .map(({ payload, ...rest }): TurnlogEvent => {
    return { ...rest, details: { action_type: 'trade', action_payload: payload } }
  })

const plain = createActionEvent({
  simulationId: 'run',
  turnNumber: 1,
  agentId: 'a',
  actionType: 'trade',
  actionPayload: { price: 1.5, text: 'zwölf "Boxkämpfer" \u2028' },
})

/** The line, or undefined where the encoder leaves it to JSON.stringify. */
function encode(event: TurnlogEvent, room = SIZE, start = 7): string | undefined {
  const bytes = Buffer.alloc(SIZE + start, '#')
  const end = new LineEncoder(bytes).encode(event, event.caused_by, start, start + room)
  expect(bytes.subarray(0, start).toString()).toBe('#'.repeat(start))
  expect(bytes.subarray(start + room).toString()).toBe('#'.repeat(SIZE - room))
  return end === undefined ? undefined : bytes.toString('utf8', start, end)
}

describe('the line encoder', () => {
  it('spells every event as JSON.stringify does, or leaves it to it', () => {
    let spelled = 0
    fc.assert(
      fc.property(anyEvent, (event) => {
        const line = encode(event)
        if (line === undefined) return
        spelled++
        expect(line).toBe(JSON.stringify(event))
      }),
      { numRuns: 2_000 },
    )
    expect(spelled).toBeGreaterThan(500)
  })

  it('spells plain data itself', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (payload) => {
        const details = { action_type: 'trade', action_payload: payload }
        const event: TurnlogEvent = { ...plain, details }
        expect(encode(event)).toBe(JSON.stringify(event))
      }),
      { numRuns: 1_000 },
    )
  })

  it('keeps to the room it was given, whatever that is', () => {
    const whole = JSON.stringify(plain)
    const length = Buffer.byteLength(whole)
    for (let room = -1; room < length; room++)
      expect(encode(plain, Math.max(room, 0))).toBe(undefined)
    // Some more than needed, since a text is not measured before it is spelled.
    expect(encode(plain, length * 6)).toBe(whole)
  })

  it('puts the keys in the order of the format, and the causes it is told of', () => {
    const { event_id, timestamp, turn_number, event_type, simulation_id, agent_id, details } = plain
    const head = { event_id, timestamp, turn_number, event_type, simulation_id, agent_id }
    const event: TurnlogEvent = { details, caused_by: ['own'], ...head }
    const bytes = Buffer.alloc(SIZE)
    const end = new LineEncoder(bytes).encode(event, ['cause'], 0, SIZE)
    const inOrder = { ...head, caused_by: ['cause'], details }
    expect(bytes.toString('utf8', 0, end)).toBe(JSON.stringify(inOrder))
  })

  it.each([
    ['a cycle', cyclic()],
    ['deep nesting', nested(40)],
    ['a BigInt', 1n],
  ])('leaves %s to JSON.stringify', (_what, value) => {
    const details = { action_type: 'trade', action_payload: { value } }
    expect(encode({ ...plain, details })).toBe(undefined)
  })

  it('stops when another event is encoded in the middle of it', () => {
    const bytes = Buffer.alloc(SIZE, '#')
    const encoder = new LineEncoder(bytes)
    let inner: number | undefined
    const payload = {
      get nested() {
        inner = encoder.encode(plain, undefined, 0, SIZE)
        return 1
      },
      after: 'x'.repeat(100),
    }
    const details = { action_type: 'trade', action_payload: payload }
    expect(encoder.encode({ ...plain, details }, undefined, 0, SIZE)).toBe(undefined)
    expect(bytes.toString('utf8', 0, inner)).toBe(JSON.stringify(plain))
    expect(bytes.toString('utf8', inner)).toMatch(/^#+$/)
  })
})

function cyclic(): object {
  const list: unknown[] = []
  list.push(list)
  return list
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)]
}
