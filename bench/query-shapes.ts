import type { EventType } from '../src/event/event-type.js'
import type { TimestampMicros } from '../src/event/timestamp.js'
import type { EventFilter } from '../src/query/event-filter.js'
import { getEvent } from '../src/query/get-event.js'
import { getSimulation } from '../src/query/get-simulation.js'
import { listEvents } from '../src/query/list-events.js'
import { listSimulations } from '../src/query/list-simulations.js'
import { type TraceDirection, traceCausality } from '../src/query/trace-causality.js'
import type { Snapshot } from '../src/sidecar/sidecar-reader.js'
import { EVENTS_PER_TURN, type GeneratedRun, RARE_AGENT, timestampOf } from './generate.js'

/** The run that is asked, as it was generated. */
export type QueriedRun = Pick<GeneratedRun, 'simulationId' | 'events' | 'agents'>

/** Places of a run to ask about. */
export interface Samples {
  /** From all over the run. */
  readonly eventIds: readonly string[]
  readonly hubIds: readonly string[]
  /** `nextCursor` of pages all over the run. */
  readonly cursors: readonly string[]
}

/** A question about a random place of a run. */
export type QueryShape = (snapshot: Snapshot) => Promise<unknown>

const TYPES: readonly EventType[] = ['DECISION', 'ACTION', 'STATE', 'DETAIL']

/** Every kind of question that is measured, by name. */
export function queryShapes(
  run: QueriedRun,
  { eventIds, hubIds, cursors }: Samples,
  random: () => number,
): Readonly<Record<string, QueryShape>> {
  const { simulationId, events, agents } = run
  const below = (count: number): number => Math.floor(random() * count)
  const oneOf = <T>(values: readonly T[], otherwise: T): T =>
    values[below(values.length)] ?? otherwise
  const turns = Math.ceil(events / EVENTS_PER_TURN)

  const type = (): EventFilter => ({ eventTypes: [oneOf(TYPES, 'ACTION')] })
  const rareType: EventFilter = { eventTypes: ['SYSTEM'] }
  const someTypes: EventFilter = { eventTypes: ['DECISION', 'STATE', 'SYSTEM'] }
  const agent = (): EventFilter => ({ agentIds: [`agent_${below(agents)}`] })
  const someAgents = (): EventFilter => ({
    agentIds: Array.from({ length: 5 }, () => `agent_${below(agents)}`),
  })
  const rareAgent: EventFilter = { agentIds: [RARE_AGENT] }
  const turn = (): EventFilter => {
    const at = below(turns)
    return { turnStart: at, turnEnd: at }
  }
  const turnRange = (): EventFilter => {
    const at = below(turns)
    return { turnStart: at, turnEnd: at + below(turns - at) }
  }
  const timeRange = (): EventFilter => {
    const at = below(events)
    return { startTimestamp: timestampOf(at), endTimestamp: timestampOf(at + below(events - at)) }
  }
  const later = (): EventFilter => ({ startTimestamp: timestampOf(below(events)) })
  const everything = (): EventFilter => ({
    ...turnRange(),
    startTimestamp: timestampOf(below(events / 10)),
    endTimestamp: (timestampOf(events) - below(1e6)) as TimestampMicros,
    ...someTypes,
    ...someAgents(),
  })

  const page =
    (make: () => Partial<Parameters<typeof listEvents>[2]>): QueryShape =>
    (snapshot) =>
      listEvents(snapshot, simulationId, { filter: {}, order: 'asc', limit: 100, ...make() })
  const filtered = (make: () => EventFilter): QueryShape => page(() => ({ filter: make() }))
  const trace =
    (ids: readonly string[], depth: number, direction: TraceDirection): QueryShape =>
    (snapshot) =>
      traceCausality(snapshot, simulationId, oneOf(ids, ''), { depth, direction, maxNodes: 1000 })
  const half = Math.floor(events / 2)

  return {
    'page of 100, first': page(() => ({})),
    'page of 100, latest first': page(() => ({ order: 'desc' })),
    'page of 100, by cursor': page(() => ({ cursor: oneOf(cursors, '') })),
    'page of 100, by type': filtered(type),
    'page of 100, by a rare type': filtered(() => rareType),
    'page of 100, by 3 types': filtered(() => someTypes),
    'page of 100, by agent': filtered(agent),
    'page of 100, by a rare agent': filtered(() => rareAgent),
    'page of 100, by 5 agents': filtered(someAgents),
    'page of 100, by type and agent': filtered(() => ({ ...type(), ...agent() })),
    'page of 100, by type and a rare agent': filtered(() => ({ ...type(), ...rareAgent })),
    'page of 100, by 3 types and 5 agents': filtered(() => ({ ...someTypes, ...someAgents() })),
    'page of 100, one turn': filtered(turn),
    'page of 100, turns': filtered(turnRange),
    'page of 100, times': filtered(timeRange),
    'page of 100, since an instant, by type': filtered(() => ({ ...later(), ...type() })),
    'page of 100, times, by 3 types and 5 agents': filtered(() => ({
      ...timeRange(),
      ...someTypes,
      ...someAgents(),
    })),
    'page of 100, everything at once': filtered(everything),
    'page of 100, everything at once, by cursor': page(() => ({
      filter: everything(),
      cursor: oneOf(cursors, ''),
    })),
    'page of 100, half-way offset': page(() => ({ offset: half })),
    'page of 100, half-way offset, latest first': page(() => ({ offset: half, order: 'desc' })),
    'page of 100, deep offset, by type': page(() => ({
      filter: type(),
      offset: Math.floor(events / 20),
    })),
    'page of 100, half-way offset, since an instant': page(() => ({
      filter: { startTimestamp: timestampOf(below(events / 10)) },
      offset: half,
    })),
    'page of 1,000, first': page(() => ({ limit: 1000 })),
    'page of 1,000, by type': page(() => ({ limit: 1000, filter: type() })),
    'event by id': (snapshot) => getEvent(snapshot, simulationId, oneOf(eventIds, '')),
    'causality, depth 5': trace(eventIds, 5, 'both'),
    'causality, depth 20': trace(eventIds, 20, 'both'),
    'causality, depth 20, from a hub': trace(hubIds, 20, 'both'),
    'run in full': (snapshot) => getSimulation(snapshot, simulationId),
    'list of simulations': (snapshot) => listSimulations(snapshot),
  }
}
