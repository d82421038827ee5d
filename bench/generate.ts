import { createEventIdSource } from '../src/event/event-id.js'
import { formatTimestamp, type TimestampMicros } from '../src/event/timestamp.js'

/** What is generated. */
export interface GeneratedRun {
  readonly root: string
  readonly simulationId: string
  readonly events: number
  readonly agents: number
}

/** A turn's events. */
export const EVENTS_PER_TURN = 100
const MICROS_PER_EVENT = 137
const START = Date.UTC(2026, 0, 1) * 1000

const TYPES = [
  'DECISION',
  'ACTION',
  'ACTION',
  'STATE',
  'STATE',
  'STATE',
  'DETAIL',
  'DETAIL',
  'DETAIL',
]

/** An event in so many is a SYSTEM event, the type that a run hardly has. */
const EVENTS_PER_SYSTEM = 50_000
/** An event in so many is of {@link RARE_AGENT}. */
const EVENTS_PER_RARE_AGENT = 100_000
/** An agent that a run hardly has. */
export const RARE_AGENT = 'agent_rare'

/** An event in so many is a hub: until the next one, {@link HUB_SHARE} of all events name it as a cause. */
export const EVENTS_PER_HUB = 1_000_000
const HUB_SHARE = 0.02
const REASONS = [
  'expects the price to rise after the poor harvest in the north',
  'has more stock than it can sell at the price of the last turns',
  'answers the offer that its neighbour made in the turn before',
]

/** When an event of a run happened, by its place in the run. */
export function timestampOf(index: number): TimestampMicros {
  return (START + index * MICROS_PER_EVENT) as TimestampMicros
}

/** Numbers in [0, 1), the same ones for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/**
 * Makes the events of a run one by one: about 540 bytes each, in the order of
 * time, each caused by one or two before it.
 */
export function* generateEvents({ simulationId, events, agents }: GeneratedRun): Generator<string> {
  const random = createRandom(42)
  const nextId = createEventIdSource()
  const recent: string[] = []
  let hub: string | undefined
  for (let index = 0; index < events; index++) {
    const at = timestampOf(index)
    const turn = Math.floor(index / EVENTS_PER_TURN)
    const id = nextId(at)
    const type = typeAt(index, random)
    const someAgent = `agent_${Math.floor(random() * agents)}`
    const agent = isOneIn(EVENTS_PER_RARE_AGENT, index) ? RARE_AGENT : someAgent
    const causes = [
      random() < HUB_SHARE ? hub : recent[Math.floor(random() * recent.length)],
      recent.at(-1),
    ]
    if (index % EVENTS_PER_HUB === 0) hub = id
    const causedBy = [...new Set(causes.filter((cause) => cause !== undefined))]
    yield JSON.stringify({
      event_id: id,
      timestamp: formatTimestamp(at),
      turn_number: turn,
      event_type: type,
      simulation_id: simulationId,
      ...(type === 'MILESTONE' || type === 'SYSTEM' ? {} : { agent_id: agent }),
      caused_by: causedBy.slice(0, random() < 0.7 ? 1 : 2),
      description: `${agent} ${REASONS[index % REASONS.length] ?? ''}`,
      details: detailsOf(type, agent, random),
    })
    recent.push(id)
    if (recent.length > 200) recent.shift()
  }
}

function typeAt(index: number, random: () => number): string {
  if (index % EVENTS_PER_TURN === 0) return 'MILESTONE'
  if (isOneIn(EVENTS_PER_SYSTEM, index)) return 'SYSTEM'
  return TYPES[Math.floor(random() * TYPES.length)] ?? 'ACTION'
}

/** Whether an event is the one in so many; never the first of a turn. */
function isOneIn(events: number, index: number): boolean {
  return index % events === Math.floor(events / 3)
}

function detailsOf(type: string, agent: string, random: () => number): Record<string, unknown> {
  const amount = Math.round(random() * 1e6) / 1e3
  const note = 'a note of the length that models like to write when they are asked for one'
  switch (type) {
    case 'MILESTONE':
      return { milestone_type: 'turn_start' }
    case 'DECISION':
      return {
        decision_type: 'strategy',
        old_value: 'hold',
        new_value: 'buy',
        confidence: amount,
        note,
      }
    case 'ACTION':
      return {
        action_type: 'trade',
        action_payload: {
          good: 'grain',
          amount,
          price: Math.round(random() * 100),
          partner: agent,
          note,
        },
      }
    case 'STATE':
      return {
        variable_name: 'wealth',
        old_value: amount,
        new_value: amount + 1.5,
        scope: 'agent',
        note,
      }
    case 'DETAIL':
      return {
        calculation_type: 'interest',
        intermediate_values: {
          principal: amount,
          rate: 0.05,
          steps: [random(), random(), random()],
        },
      }
    default:
      return {
        status: 'success',
        duration_ms: amount,
        prompt_tokens: 1200,
        completion_tokens: 80,
        note,
      }
  }
}
