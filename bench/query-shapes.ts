import type { EventFilter } from '../src/query/event-filter.js'
import type { HistogramRequest } from '../src/query/count-histogram.js'
import type { PageRequest } from '../src/query/list-events.js'
import type { TraceDirection } from '../src/query/causality-fields.js'
import { createRandom, type GeneratedRun, RARE_AGENT } from './generate.js'
import type { Samples } from './query-samples.js'
import type { Question } from './question.js'
import { RandomFilter } from './random-filter.js'

/** A kind of question: makes one about a random place of a run. */
export type QueryShape = () => Question

/** Shapes that goals are set for. */
export const SHAPES = {
  anyPage: 'page of 100, any combination of filters',
  largePage: 'page of 1,000, any combination of filters',
  anyTotal: 'exact total, any combination of filters',
  halfWay: 'page of 100, half-way offset',
  event: 'event by id',
  deepTrace: 'causality, depth 20',
  hubTrace: 'causality, depth 20, from a hub',
} as const

/** Shapes that peers are asked, too. */
export const PEER_SHAPES: readonly string[] = [
  'page of 100, by type',
  'page of 100, by type and agent',
  'page of 100, one turn',
  SHAPES.anyTotal,
  SHAPES.halfWay,
  SHAPES.event,
  'causality upstream, depth 5',
]

/** Every kind of question that is measured, by name; the same ones for the same seed. */
export function queryShapes(
  run: GeneratedRun,
  { eventIds, hubIds, cursors }: Samples,
  seed: number,
): Readonly<Record<string, QueryShape>> {
  const random = new RandomFilter(run, createRandom(seed))
  const { events } = run
  const half = Math.floor(events / 2)

  const type = (): EventFilter => ({
    eventTypes: [random.oneOf(['DECISION', 'ACTION', 'STATE', 'DETAIL'])],
  })
  const agent = (): EventFilter => random.agents(1)
  const rareType: EventFilter = { eventTypes: ['SYSTEM'] }
  const rareAgent: EventFilter = { agentIds: [RARE_AGENT] }
  const someTypes: EventFilter = { eventTypes: ['DECISION', 'STATE', 'SYSTEM'] }

  const page =
    (make: () => Partial<PageRequest>): QueryShape =>
    () => ({ kind: 'page', request: { filter: {}, order: 'asc', limit: 100, ...make() } })
  const filtered = (make: () => EventFilter): QueryShape => page(() => ({ filter: make() }))
  const anywhere = (): Partial<PageRequest> =>
    random.oneOf<() => Partial<PageRequest>>([
      () => ({}),
      () => ({ order: 'desc' }),
      () => ({ cursor: sampleOf(cursors) }),
    ])()
  const sampleOf = (samples: readonly string[]): string =>
    samples[random.below(samples.length)] ?? ''
  const histogram =
    (make: () => Partial<HistogramRequest>): QueryShape =>
    () => ({ kind: 'histogram', request: { filter: {}, by: 'turn', buckets: 50, ...make() } })
  const trace =
    (ids: readonly string[], depth: number, direction: TraceDirection): QueryShape =>
    () => ({
      kind: 'trace',
      eventId: sampleOf(ids),
      request: { depth, direction, maxNodes: 1000 },
    })

  /** To an event after a hub and before the next one, which is as good as sure to come of it. */
  const pathFromHub: QueryShape = () => {
    const at = random.below(eventIds.length)
    const hub = Math.floor((at * hubIds.length) / eventIds.length)
    return { kind: 'path', cause: hubIds[hub] ?? '', effect: eventIds[at] ?? '' }
  }

  return {
    'page of 100, first': page(() => ({})),
    'page of 100, latest first': page(() => ({ order: 'desc' })),
    'page of 100, by cursor': page(() => ({ cursor: sampleOf(cursors) })),
    'page of 100, by type': filtered(type),
    'page of 100, by a rare type': filtered(() => rareType),
    'page of 100, by 3 types': filtered(() => someTypes),
    'page of 100, by agent': filtered(agent),
    'page of 100, by a rare agent': filtered(() => rareAgent),
    'page of 100, by 5 agents': filtered(() => random.agents(5)),
    'page of 100, by type and agent': filtered(() => ({ ...type(), ...agent() })),
    'page of 100, by type and a rare agent': filtered(() => ({ ...type(), ...rareAgent })),
    'page of 100, one turn': filtered(() => random.turn()),
    'page of 100, turns': filtered(() => random.turns()),
    'page of 100, times': filtered(() => random.times()),
    'page of 100, since an instant, by type': filtered(() => ({ ...random.since(), ...type() })),
    'page of 100, times, by 3 types and 5 agents': filtered(() => ({
      ...random.times(),
      ...someTypes,
      ...random.agents(5),
    })),
    [SHAPES.anyPage]: page(() => ({ filter: random.any(), ...anywhere() })),
    [SHAPES.halfWay]: page(() => ({ offset: half })),
    'page of 100, half-way offset, latest first': page(() => ({ offset: half, order: 'desc' })),
    'page of 100, half-way offset, since an instant': page(() => ({
      filter: random.since(0.1),
      offset: half,
    })),
    'page of 100, deep offset, by type': page(() => ({
      filter: type(),
      offset: Math.floor(events / 20),
    })),
    'page of 1,000, first': page(() => ({ limit: 1000 })),
    [SHAPES.largePage]: page(() => ({ limit: 1000, filter: random.any(), ...anywhere() })),
    [SHAPES.anyTotal]: () => ({ kind: 'total', filter: random.any() }),
    [SHAPES.event]: () => ({ kind: 'event', eventId: sampleOf(eventIds) }),
    'causality upstream, depth 5': trace(eventIds, 5, 'upstream'),
    'causality, depth 5': trace(eventIds, 5, 'both'),
    [SHAPES.deepTrace]: trace(eventIds, 20, 'both'),
    [SHAPES.hubTrace]: trace(hubIds, 20, 'both'),
    'causal path from a hub': pathFromHub,
    'histogram by turn': histogram(() => ({})),
    'histogram by time': histogram(() => ({ by: 'time' })),
    'histogram by turn, split by type': histogram(() => ({ split: 'type' })),
    'histogram by time, split by agent': histogram(() => ({ by: 'time', split: 'agent' })),
    'histogram by time, 1,000 buckets': histogram(() => ({ by: 'time', buckets: 1000 })),
    'histogram, any combination of filters': histogram(() => ({
      filter: random.any(),
      by: random.oneOf(['turn', 'time']),
      split: random.oneOf(['type', 'agent', undefined]),
    })),
    'agents of a run': () => ({ kind: 'agents' }),
    'variables of a run': () => ({ kind: 'variables' }),
    'variable, page of 1,000, by agent': () => ({
      kind: 'variable',
      name: 'wealth',
      request: { filter: agent(), limit: 1000 },
    }),
    'run in full': () => ({ kind: 'simulation' }),
    'list of simulations': () => ({ kind: 'simulations' }),
  }
}
