import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createActionEvent, createMilestoneEvent } from '#src/event/builders.js'
import { defineActionType, defineDecisionType } from '#src/event/custom-type.js'
import { EventWriter } from '#src/writer/event-writer.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { expectBalanced, recorded, turnlogError } from '../support/writing.js'

const run = { simulationId: 'run', turnNumber: 1, agentId: 'anna' }
const trade = defineActionType(
  'trade',
  z.object({
    action_payload: z.strictObject({ good: z.string(), amount: z.number().positive() }),
    venue: z.enum(['market', 'port']).optional(),
  }),
)
const price = defineDecisionType(
  'price',
  z.strictObject({ old_value: z.number().nullable(), new_value: z.coerce.number<number>().max(9) }),
)

describe('a custom type', () => {
  it('makes events of its own word', () => {
    const details = { action_payload: { good: 'grain', amount: 2 }, venue: 'port' } as const
    const event = trade.create({ ...run, details, causedBy: ['cause'], description: 'a trade' })
    expect(event).toMatchObject({ event_type: 'ACTION', agent_id: 'anna', caused_by: ['cause'] })
    expect(event.details).toEqual({ action_type: 'trade', ...details })
    const decision = price.create({ ...run, details: { old_value: null, new_value: 3 } })
    expect(decision.details).toEqual({ decision_type: 'price', old_value: null, new_value: 3 })
  })

  it('is checked by the compiler and when it is made', () => {
    // @ts-expect-error a payload lacks its amount
    const lacking = () => trade.create({ ...run, details: { action_payload: { good: 'grain' } } })
    expect(lacking).toThrow(turnlogError('EVENT_INVALID', 'details.action_payload.amount: '))
    const payload = { good: '', amount: 1, extra: 1 }
    // @ts-expect-error a key that is none of the payload's, unless a variable hides it
    trade.create({ ...run, details: { action_payload: { good: '', amount: 1 }, extra: 1 } })
    const extra = () => trade.create({ ...run, details: { action_payload: payload } })
    expect(extra).toThrow(turnlogError('EVENT_INVALID', 'details.action_payload: '))
    // @ts-expect-error a text for a number
    const mistyped = () => price.create({ ...run, details: { old_value: 'a', new_value: 10 } })
    expect(mistyped).toThrow(turnlogError('EVENT_INVALID', 'details.old_value: '))
    expect(mistyped).toThrow(turnlogError('EVENT_INVALID', 'details.new_value: '))
    // @ts-expect-error an action has a payload
    expect(() => defineActionType('idle', z.object({ mood: z.string() }))).not.toThrow()
  })

  it('is checked at every emit of a writer that knows it, however the event was made', async () => {
    const outputDir = temporaryDirectory()
    const options = { outputDir, simulationId: 'run', customTypes: [trade, price] }
    const writer = new EventWriter(options).start()
    const fields = { ...run, actionPayload: { good: 'grain', amount: -1 } }
    const wrong = createActionEvent({ ...fields, actionType: 'trade' })
    expect(() => writer.emit(wrong)).toThrow(
      turnlogError(
        'EVENT_INVALID',
        `${wrong.event_id} is not valid: details.action_payload.amount`,
      ),
    )
    expect(writer.emit(createActionEvent({ ...fields, actionType: 'barter' }))).toBe('accepted')
    const start = createMilestoneEvent({ ...run, milestoneType: 'turn_start' })
    expect(writer.emit(start)).toBe('accepted')
    const { stats } = await writer.stop()
    expectBalanced(stats, recorded(outputDir))
  })

  it('whose schema fails of itself is told of, and the writer goes on', async () => {
    const outputDir = temporaryDirectory()
    const moody = defineActionType(
      'moody',
      z.object({ action_payload: z.object({}) }).refine(() => {
        throw new Error('not today')
      }),
    )
    const slow = defineActionType(
      'slow',
      z.object({ action_payload: z.object({}) }).refine(() => Promise.resolve(true)),
    )
    const writer = new EventWriter({ outputDir, simulationId: 'run', customTypes: [moody, slow] })
    writer.start()
    const emit = (actionType: string) => () =>
      writer.emit(createActionEvent({ ...run, actionType, actionPayload: {} }))
    expect(emit('moody')).toThrow(
      turnlogError('EVENT_INVALID', 'the schema of ACTION moody failed: not today'),
    )
    expect(emit('slow')).toThrow(turnlogError('EVENT_INVALID', 'the schema of ACTION slow failed'))
    expect(emit('other')()).toBe('accepted')
    await writer.stop()
    expect(recorded(outputDir)).toHaveLength(1)
  })

  it.each([
    [[trade, trade], 'customTypes is "ACTION trade", not a list that names each type once'],
    [[{}], 'not a list made with defineActionType and defineDecisionType'],
    [trade, 'not a list made with defineActionType and defineDecisionType'],
  ])('is not taken from %o', (customTypes, message) => {
    const options = { outputDir: 'x', simulationId: 'run', customTypes: customTypes as never }
    expect(() => new EventWriter(options)).toThrow(turnlogError('SETTING_INVALID', message))
  })
})
