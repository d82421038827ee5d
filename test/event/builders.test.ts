import { describe, expect, it } from 'vitest'
import { type ErrorCode, TurnlogError } from '#src/errors.js'
import {
  createActionEvent,
  createDecisionEvent,
  createDetailEvent,
  createMilestoneEvent,
  createStateEvent,
  createSystemEvent,
} from '#src/event/builders.js'
import { eventSchema, type TurnlogEvent } from '#src/event/event-schema.js'

const run = { simulationId: 'market-1', turnNumber: 7 }
const everything = {
  ...run,
  causedBy: ['01K6QSPYQQECAPQKQSZ39S9QG5'],
  description: 'what happened',
  details: { mood: 'calm' },
}
const WIRE_ORDER =
  'event_id timestamp turn_number event_type simulation_id agent_id caused_by description details'

const builders: Record<TurnlogEvent['event_type'], () => TurnlogEvent> = {
  MILESTONE: () => createMilestoneEvent({ ...everything, milestoneType: 'turn_start' }),
  DECISION: () =>
    createDecisionEvent({
      ...everything,
      agentId: 'anna',
      decisionType: 'price',
      oldValue: 1,
      newValue: { euros: 2 },
    }),
  ACTION: () =>
    createActionEvent({
      ...everything,
      agentId: 'anna',
      actionType: 'offer',
      actionPayload: { to: 'ben' },
      interactionType: 'trade',
      participatingAgentIds: ['anna', 'ben'],
    }),
  STATE: () =>
    createStateEvent({
      ...everything,
      agentId: 'anna',
      variableName: 'cash',
      oldValue: 1,
      newValue: 2,
      scope: 'agent',
    }),
  DETAIL: () =>
    createDetailEvent({
      ...everything,
      agentId: 'anna',
      calculationType: 'utility',
      intermediateValues: { a: 0.5 },
    }),
  SYSTEM: () =>
    createSystemEvent({ ...everything, status: 'retry', errorType: 'timeout', retryCount: 2 }),
}

const details: Record<TurnlogEvent['event_type'], object> = {
  MILESTONE: { milestone_type: 'turn_start', mood: 'calm' },
  DECISION: { decision_type: 'price', old_value: 1, new_value: { euros: 2 }, mood: 'calm' },
  ACTION: {
    action_type: 'offer',
    action_payload: { to: 'ben' },
    interaction_type: 'trade',
    participating_agent_ids: ['anna', 'ben'],
    mood: 'calm',
  },
  STATE: { variable_name: 'cash', old_value: 1, new_value: 2, scope: 'agent', mood: 'calm' },
  DETAIL: { calculation_type: 'utility', intermediate_values: { a: 0.5 }, mood: 'calm' },
  SYSTEM: { status: 'retry', error_type: 'timeout', retry_count: 2, mood: 'calm' },
}

const AGENTLESS = new Set(['MILESTONE', 'SYSTEM'])

describe.each(Object.entries(builders))('the builder of a %s event', (type, build) => {
  it('gives every field the wire has, in its order', () => {
    const order = WIRE_ORDER.split(' ').filter((key) => key !== 'agent_id' || !AGENTLESS.has(type))
    expect(Object.keys(build())).toEqual(order)
  })

  it('fills them from its options', () => {
    expect(build()).toMatchObject({
      turn_number: 7,
      event_type: type,
      simulation_id: 'market-1',
      caused_by: ['01K6QSPYQQECAPQKQSZ39S9QG5'],
      description: 'what happened',
      ...(AGENTLESS.has(type) ? {} : { agent_id: 'anna' }),
    })
  })

  it('keeps the details of the type first and those of the caller behind them', () => {
    const expected = Object.entries(details).find(([name]) => name === type)?.[1]
    expect(JSON.stringify(build().details)).toBe(JSON.stringify(expected))
  })

  it('makes an event the writer accepts', () => {
    const event = build()
    expect(eventSchema.parse(event)).toEqual(event)
  })
})

describe('builders', () => {
  it('leave out what was not given', () => {
    const bare = [
      createMilestoneEvent({ ...run, milestoneType: 'turn_end' }),
      createDecisionEvent({ ...run, agentId: 'anna', decisionType: 'wait' }),
      createActionEvent({ ...run, agentId: 'anna', actionType: 'rest', actionPayload: {} }),
      createStateEvent({ ...run, variableName: 'rain', oldValue: false, newValue: true }),
      createDetailEvent({ ...run, calculationType: 'mean', intermediateValues: {} }),
      createSystemEvent({ ...run, status: 'success', description: undefined }),
    ]
    const optional = ['caused_by', 'description', 'agent_id']
    expect(bare.map((event) => optional.filter((key) => key in event))).toEqual([
      [],
      ['agent_id'],
      ['agent_id'],
      [],
      [],
      [],
    ])
    expect(bare.map((event) => Object.keys(event.details))).toEqual([
      ['milestone_type'],
      ['decision_type'],
      ['action_type', 'action_payload'],
      ['variable_name', 'old_value', 'new_value'],
      ['calculation_type', 'intermediate_values'],
      ['status'],
    ])
  })

  it('tell a decision for null from a decision without a value', () => {
    const decision = { ...run, agentId: 'anna', decisionType: 'price' }
    expect(createDecisionEvent({ ...decision, oldValue: null }).details).toEqual({
      decision_type: 'price',
      old_value: null,
    })
  })

  it('write null for the undefined values of a state', () => {
    const state = createStateEvent({
      ...run,
      variableName: 'rain',
      oldValue: undefined,
      newValue: 1,
    })
    expect(state.details).toEqual({ variable_name: 'rain', old_value: null, new_value: 1 })
  })

  it('never let own details replace those of the type', () => {
    const event = createDecisionEvent({
      ...run,
      agentId: 'anna',
      decisionType: 'price',
      details: { decision_type: 'forged', old_value: 3 },
    })
    expect(event.details).toEqual({ decision_type: 'price', old_value: 3 })
  })

  it('record a key named __proto__ like any other', () => {
    const own = Object.fromEntries([['__proto__', { admin: true }]])
    const event = createMilestoneEvent({ ...run, milestoneType: 'turn_end', details: own })
    expect(JSON.stringify(event.details)).toBe(
      '{"milestone_type":"turn_end","__proto__":{"admin":true}}',
    )
    expect(Object.getPrototypeOf(event.details)).toBe(Object.prototype)
  })

  it('stamp events with ids and instants in the order they were made', () => {
    const events = Array.from({ length: 2000 }, () =>
      createMilestoneEvent({ ...run, milestoneType: 'turn_start' }),
    )
    const ids = events.map((event) => event.event_id)
    const timestamps = events.map((event) => event.timestamp)
    expect(ids).toEqual([...new Set(ids)].sort())
    expect(timestamps).toEqual([...new Set(timestamps)].sort())
  })
})

/** Options as a caller without types may give them. */
function untyped(options: object): never {
  return { ...run, ...options } as never
}

describe('a builder refuses', () => {
  const refused: [string, () => unknown, string[]][] = [
    [
      'a turn below 0',
      () => createMilestoneEvent(untyped({ turnNumber: -1, milestoneType: 'turn_end' })),
      ['turn_number'],
    ],
    [
      'half a turn',
      () => createMilestoneEvent(untyped({ turnNumber: 0.5, milestoneType: 'turn_end' })),
      ['turn_number'],
    ],
    [
      'an unknown milestone',
      () => createMilestoneEvent(untyped({ milestoneType: 'lunch' })),
      ['details.milestone_type', '"turn_start"'],
    ],
    [
      'an empty simulation id',
      () => createMilestoneEvent(untyped({ simulationId: '', milestoneType: 'turn_end' })),
      ['simulation_id'],
    ],
    [
      'a decision without an agent',
      () => createDecisionEvent(untyped({ decisionType: 'price' })),
      ['agent_id'],
    ],
    [
      'a decision of no type',
      () => createDecisionEvent(untyped({ agentId: 'anna', decisionType: '' })),
      ['details.decision_type'],
    ],
    [
      'an action without an agent, type and payload',
      () => createActionEvent(untyped({})),
      ['agent_id', 'details.action_type', 'details.action_payload'],
    ],
    [
      'a payload that is no plain object',
      () =>
        createActionEvent(
          untyped({ agentId: 'anna', actionType: 'offer', actionPayload: new Map() }),
        ),
      ['details.action_payload'],
    ],
    [
      'a participant that is no string',
      () =>
        createActionEvent(
          untyped({
            agentId: 'anna',
            actionType: 'offer',
            actionPayload: {},
            participatingAgentIds: ['ben', 3],
          }),
        ),
      ['details.participating_agent_ids.1'],
    ],
    [
      'an unknown scope',
      () =>
        createStateEvent(
          untyped({ variableName: 'rain', oldValue: 0, newValue: 1, scope: 'local' }),
        ),
      ['details.scope'],
    ],
    [
      'a state without a name',
      () => createStateEvent(untyped({ oldValue: 0, newValue: 1 })),
      ['details.variable_name'],
    ],
    [
      'a calculation without values',
      () => createDetailEvent(untyped({ calculationType: 'mean' })),
      ['details.intermediate_values'],
    ],
    [
      'an unknown status and a retry count below 0',
      () => createSystemEvent(untyped({ status: 'fine', retryCount: -1 })),
      ['details.status', 'details.retry_count'],
    ],
    [
      'a cause that is no list',
      () => createSystemEvent(untyped({ status: 'success', causedBy: 'abc' })),
      ['caused_by'],
    ],
    [
      'a description of 501 characters',
      () => createSystemEvent(untyped({ status: 'success', description: 'x'.repeat(501) })),
      ['description', '500'],
    ],
    [
      'half of a surrogate pair',
      () => createSystemEvent(untyped({ status: 'success', description: '\ud83d' })),
      ['description', 'surrogate'],
    ],
    [
      'details that are a text',
      () => createSystemEvent(untyped({ status: 'success', details: 'all well' })),
      ['details'],
    ],
    [
      'details that are a list',
      () => createSystemEvent(untyped({ status: 'success', details: ['all well'] })),
      ['details'],
    ],
    [
      'details that are null',
      () => createSystemEvent(untyped({ status: 'success', details: null })),
      ['details'],
    ],
  ]

  it.each(refused)('%s, and names it', (_, build, words) => {
    const error = errorOf(build)
    expect(error).toMatchObject({ code: 'EVENT_INVALID' satisfies ErrorCode })
    for (const word of words) expect(error.message).toContain(word)
  })

  it('several things at once, and names them all', () => {
    const error = errorOf(() =>
      createDecisionEvent(untyped({ turnNumber: '3', causedBy: [7], description: 1 })),
    )
    const fields = ['turn_number', 'agent_id', 'caused_by.0', 'description', 'decision_type']
    expect(fields.filter((field) => !error.message.includes(field))).toEqual([])
  })
})

function errorOf(action: () => unknown): TurnlogError {
  try {
    action()
  } catch (error) {
    if (error instanceof TurnlogError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
