import { monotonicFactory } from 'ulid'
import { createActionEvent } from '../src/event/builders.js'
import type { ActionEvent } from '../src/event/event-schema.js'

/** The run that is recorded. */
export const SIMULATION_ID = 'emit'

const EVENTS_PER_TURN = 100
const AGENTS = 20
const ACTION_TYPE = 'trade'
const DESCRIPTION = 'buys grain from its neighbour'
const PAYLOAD = {
  good: 'grain',
  amount: 12.5,
  price: 37,
  note: 'as agreed in the turn before, '.repeat(7) + 'or later',
}

const nextId = monotonicFactory()

/** An event that makes a line of about 540 bytes, as turnlog's builder makes it. */
export function buildTurnlogEvent(index: number): ActionEvent {
  return createActionEvent({
    simulationId: SIMULATION_ID,
    turnNumber: turnOf(index),
    agentId: agentOf(index),
    actionType: ACTION_TYPE,
    actionPayload: PAYLOAD,
    description: DESCRIPTION,
  })
}

/** The same event put together by hand, unchecked, its time in milliseconds. */
export function buildPlainEvent(index: number): object {
  return {
    event_id: nextId(),
    timestamp: new Date().toISOString(),
    turn_number: turnOf(index),
    event_type: 'ACTION',
    simulation_id: SIMULATION_ID,
    agent_id: agentOf(index),
    description: DESCRIPTION,
    details: { action_type: ACTION_TYPE, action_payload: PAYLOAD },
  }
}

function turnOf(index: number): number {
  return Math.floor(index / EVENTS_PER_TURN)
}

function agentOf(index: number): string {
  return `agent_${index % AGENTS}`
}
