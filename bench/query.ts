import type { EventType } from '../src/event/event-type.js'
import { getEvent } from '../src/query/get-event.js'
import { listEvents } from '../src/query/list-events.js'
import { listSimulations } from '../src/query/list-simulations.js'
import { traceCausality } from '../src/query/trace-causality.js'
import { SidecarReader } from '../src/sidecar/sidecar-reader.js'
import { createRandom } from './generate.js'
import { type Latency, time } from './measure.js'

/** A query shape and how long it takes in the query layer. */
export interface QueryFigure {
  readonly shape: string
  readonly latency: Latency
}

const TYPES: readonly EventType[] = ['DECISION', 'ACTION', 'STATE', 'DETAIL', 'SYSTEM']

/** The run that is asked, as it was generated. */
export interface QueriedRun {
  readonly simulationId: string
  readonly events: number
  readonly agents: number
}

/** Measures each query shape on random places of a run. */
export async function measureQueries(
  db: string,
  { simulationId, events, agents }: QueriedRun,
  rounds: number,
): Promise<QueryFigure[]> {
  const reader = new SidecarReader(db)
  const random = createRandom(7)
  const turns = Math.ceil(events / 100)
  const turn = (): number => Math.floor(random() * turns)
  const agentIds = (): string[] => [`agent_${Math.floor(random() * agents)}`]
  const eventTypes = (): EventType[] => [TYPES[Math.floor(random() * TYPES.length)] ?? 'ACTION']
  const page = (request: Partial<Parameters<typeof listEvents>[2]>) =>
    reader.read((snapshot) =>
      listEvents(snapshot, simulationId, { filter: {}, order: 'asc', limit: 100, ...request }),
    )
  const ids = await sampleIds(reader, simulationId, events)
  const eventId = (): string => ids[Math.floor(random() * ids.length)] ?? ''

  const shapes: Record<string, () => Promise<unknown>> = {
    'page of 100, first': () => page({}),
    'page of 100, by type': () => page({ filter: { eventTypes: eventTypes() } }),
    'page of 100, by agent': () => page({ filter: { agentIds: agentIds() } }),
    'page of 100, by type and agent': () =>
      page({ filter: { eventTypes: eventTypes(), agentIds: agentIds() } }),
    'page of 100, one turn': () => {
      const at = turn()
      return page({ filter: { turnStart: at, turnEnd: at } })
    },
    'page of 100, latest first': () => page({ order: 'desc' }),
    'page of 100, half-way offset': () => page({ offset: Math.floor(events / 2) }),
    'page of 1,000, first': () => page({ limit: 1000 }),
    'event by id': () => reader.read((snapshot) => getEvent(snapshot, simulationId, eventId())),
    'causality, depth 5': () => trace(5),
    'causality, depth 20': () => trace(20),
    'list of simulations': () => reader.read((snapshot) => listSimulations(snapshot)),
  }
  const trace = (depth: number): Promise<unknown> =>
    reader.read((snapshot) =>
      traceCausality(snapshot, simulationId, eventId(), {
        depth,
        direction: 'both',
        maxNodes: 1000,
      }),
    )
  const figures: QueryFigure[] = []
  for (const [shape, query] of Object.entries(shapes)) {
    figures.push({ shape, latency: await time(rounds, query) })
  }
  await reader.close()
  return figures
}

/** A hundred ids from all over the run. */
async function sampleIds(
  reader: SidecarReader,
  simulationId: string,
  events: number,
): Promise<string[]> {
  const samples = 100
  const texts = await reader.read(async (snapshot) => {
    const found: string[] = []
    for (let sample = 0; sample < samples; sample++) {
      const offset = Math.floor((sample * events) / samples)
      const request = { filter: {}, order: 'asc', limit: 1, offset } as const
      found.push(...(await listEvents(snapshot, simulationId, request)).events)
    }
    return found
  })
  return texts.map((text) => /"event_id":"([^"]+)"/.exec(text)?.[1] ?? '')
}
