import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '#src/errors.js'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { MAX_LINE_BYTES } from '#src/segment/block-reader.js'
import { listSegments } from '#src/segment/discovery.js'
import { EventWriter } from '#src/writer/event-writer.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { action, expectBalanced, losses, recorded, turnlogError } from '../support/writing.js'

const cyclic: Record<string, unknown> = {}
cyclic['self'] = cyclic

/** What a caller without types can hand in. */
function broken(changes: Record<string, unknown>): TurnlogEvent {
  return Object.assign(action(1), changes)
}

function withPayload(payload: unknown): TurnlogEvent {
  return broken({ details: { action_type: 'trade', action_payload: payload } })
}

const unwilling = {
  toJSON(): never {
    throw new Error('not today')
  },
}

function failing(): never {
  throw new Error('not today')
}

function thrower(): object {
  return Object.defineProperty({}, 'odd', { enumerable: true, get: failing })
}

function revoked(): TurnlogEvent {
  const { proxy, revoke } = Proxy.revocable(action(1), {})
  revoke()
  return proxy
}

const CASES: [what: string, event: TurnlogEvent, code: ErrorCode, message: string][] = [
  ['a cycle', withPayload(cyclic), 'EVENT_INVALID', 'circular'],
  ['a BigInt', withPayload({ n: 1n }), 'EVENT_INVALID', 'BigInt'],
  ['a toJSON that throws', withPayload({ unwilling }), 'EVENT_INVALID', 'not today'],
  ['a getter that throws', withPayload(thrower()), 'EVENT_INVALID', 'not today'],
  [
    'a field that throws',
    Object.defineProperty(action(1), 'turn_number', { get: failing }),
    'EVENT_INVALID',
    'it cannot be read: not today',
  ],
  ['nothing to look at any more', revoked(), 'EVENT_INVALID', 'an event is not valid'],
  [
    'a long description',
    broken({ description: 'x'.repeat(501) }),
    'EVENT_INVALID',
    'description: ',
  ],
  ['another run', broken({ simulation_id: 'other' }), 'EVENT_INVALID', 'simulation_id: is "other"'],
  ['no agent', broken({ agent_id: undefined }), 'EVENT_INVALID', 'agent_id: '],
  ['an unknown type', broken({ event_type: 'ODD' }), 'EVENT_INVALID', 'event_type: '],
  ['half a turn', broken({ turn_number: 1.5 }), 'EVENT_INVALID', 'turn_number: '],
  ['nothing in it', null as never, 'EVENT_INVALID', 'an event is not valid'],
  [
    'details that spell themselves as something else',
    broken({ details: { action_type: 'trade', action_payload: {}, toJSON: () => undefined } }),
    'EVENT_INVALID',
    'details: has a toJSON',
  ],
  ['a key nobody knows', broken({ extra: 1 }), 'EVENT_INVALID', 'extra'],
  [
    'too many bytes',
    withPayload({ text: 'ü'.repeat(40_000) }),
    'EVENT_TOO_LARGE',
    'the queue holds 65536',
  ],
]

describe('an event with', () => {
  it.each(CASES)(
    '%s is refused where it is emitted, and the writer goes on',
    async (_what, event, code, message) => {
      const outputDir = temporaryDirectory()
      const options = { outputDir, simulationId: 'run', maxQueueBytes: 65_536 }
      const writer = new EventWriter(options).start()
      expect(() => writer.emit(event)).toThrow(turnlogError(code, message))
      expect(writer.emit(action(2))).toBe('accepted')
      await writer.stop()
      expect(recorded(outputDir)).toHaveLength(1)
      expectBalanced(writer.stats(), recorded(outputDir))
    },
  )

  it('anything wrong is dropped, counted and told of with onInvalid drop', async () => {
    const outputDir = temporaryDirectory()
    const warnings: string[] = []
    const logger = {
      warn: (_: object, text: string) => warnings.push(text),
      error: () => undefined,
    }
    const options = { outputDir, simulationId: 'run', maxQueueBytes: 65_536, logger }
    const writer = new EventWriter({ ...options, onInvalid: 'drop' }).start()
    for (const [, event] of CASES) expect(writer.emit(event)).toBe('dropped')
    expect(writer.emit(action(2))).toBe('accepted')
    await writer.stop()
    const events = recorded(outputDir)
    expect(events.filter(({ event_type: type }) => type === 'ACTION')).toHaveLength(1)
    const told = losses(events, 'events_dropped')
    const counted = told.reduce((sum, { dropped_count: count }) => sum + Number(count), 0)
    expect(counted).toBe(CASES.length)
    expect(writer.stats()).toMatchObject({ dropped: CASES.length, invalid: CASES.length })
    expectBalanced(writer.stats(), events)
    expect(warnings, 'one warning stands for many').toHaveLength(1)
  })

  it('more bytes than readers take for a line is refused, however large the queue', async () => {
    const outputDir = temporaryDirectory()
    const maxQueueBytes = 64 * 1024 * 1024
    const writer = new EventWriter({ outputDir, simulationId: 'run', maxQueueBytes }).start()
    const room = MAX_LINE_BYTES - JSON.stringify(action(1)).length
    expect(() => writer.emit(action(1, 'x'.repeat(room + 1)))).toThrow(
      turnlogError('EVENT_TOO_LARGE', `a line has ${MAX_LINE_BYTES} at most`),
    )
    expect(writer.emit(action(1, 'x'.repeat(room)))).toBe('accepted')
    await writer.stop()
    const [segment] = listSegments(outputDir, 'run')
    expect(segment?.size).toBe(MAX_LINE_BYTES + 1)
    expectBalanced(writer.stats(), recorded(outputDir))
  })

  it('just as many bytes as the queue holds still fits', async () => {
    const outputDir = temporaryDirectory()
    const writer = new EventWriter({ outputDir, simulationId: 'run', maxQueueBytes: 4096 }).start()
    const room = 4096 - JSON.stringify(action(1)).length - 1
    expect(writer.emit(action(1, 'x'.repeat(room)))).toBe('accepted')
    expect(() => writer.emit(action(1, 'x'.repeat(room + 1)))).toThrow(
      turnlogError('EVENT_TOO_LARGE', 'takes 4097 bytes'),
    )
    await writer.stop()
    expect(recorded(outputDir)).toHaveLength(1)
    expectBalanced(writer.stats(), recorded(outputDir))
  })
})
