import { listEvents, type PageRequest } from '../src/query/list-events.js'
import { SidecarReader } from '../src/sidecar/sidecar-reader.js'
import { createRandom, EVENTS_PER_HUB } from './generate.js'
import { type Latency, time } from './measure.js'
import { type QueriedRun, queryShapes, type Samples } from './query-shapes.js'

/** A query shape and how long it takes in the query layer. */
export interface QueryFigure {
  readonly shape: string
  readonly latency: Latency
}

/** Measures each query shape on random places of a run. */
export async function measureQueries(
  db: string,
  run: QueriedRun,
  rounds: number,
): Promise<QueryFigure[]> {
  const reader = new SidecarReader(db)
  const shapes = queryShapes(run, await readSamples(reader, run), createRandom(7))
  const figures: QueryFigure[] = []
  for (const [shape, query] of Object.entries(shapes)) {
    figures.push({ shape, latency: await time(rounds, () => reader.read(query)) })
  }
  await reader.close()
  return figures
}

const SAMPLES = 100

async function readSamples(
  reader: SidecarReader,
  { simulationId, events }: QueriedRun,
): Promise<Samples> {
  const readAt = (offset: number) => {
    const request: PageRequest = { filter: {}, order: 'asc', limit: 1, offset }
    return reader.read((snapshot) => listEvents(snapshot, simulationId, request))
  }
  const eventIds: string[] = []
  const cursors: string[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    const { events: texts, nextCursor } = await readAt(Math.floor((sample * events) / SAMPLES))
    eventIds.push(...texts.map(idOf))
    if (nextCursor !== null) cursors.push(nextCursor)
  }
  const hubIds: string[] = []
  for (let offset = 0; offset < events; offset += EVENTS_PER_HUB) {
    hubIds.push(...(await readAt(offset)).events.map(idOf))
  }
  return { eventIds, cursors, hubIds }
}

function idOf(text: string): string {
  return /"event_id":"([^"]+)"/.exec(text)?.[1] ?? ''
}
