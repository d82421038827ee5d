import { z } from 'zod'
import { listEvents, type PageRequest } from '../src/query/list-events.js'
import { SidecarReader } from '../src/sidecar/sidecar-reader.js'
import { idOf } from './ask-sidecar.js'
import { EVENTS_PER_HUB, type GeneratedRun } from './generate.js'

/** Places of a run to ask about. */
export const samplesSchema = z.object({
  /** Of events from all over the run. */
  eventIds: z.array(z.string()).min(1),
  hubIds: z.array(z.string()).min(1),
  /** `nextCursor` of pages all over the run, in ascending order. */
  cursors: z.array(z.string()).min(1),
})

/** See {@link samplesSchema}. */
export type Samples = z.infer<typeof samplesSchema>

const SAMPLES = 100

/** Finds such places in an indexed run. @param count places, all over the run */
export async function readSamples(
  db: string,
  { simulationId, events }: GeneratedRun,
  count = SAMPLES,
): Promise<Samples> {
  const reader = new SidecarReader(db)
  const readAt = (offset: number) => {
    const request: PageRequest = { filter: {}, order: 'asc', limit: 1, offset }
    return reader.read((snapshot) => listEvents(snapshot, simulationId, request))
  }
  const eventIds: string[] = []
  const cursors: string[] = []
  for (let sample = 0; sample < count; sample++) {
    const { events: texts, nextCursor } = await readAt(Math.floor((sample * events) / count))
    eventIds.push(...texts.map(idOf))
    if (nextCursor !== null) cursors.push(nextCursor)
  }
  const hubIds: string[] = []
  for (let offset = 0; offset < events; offset += EVENTS_PER_HUB) {
    hubIds.push(...(await readAt(offset)).events.map(idOf))
  }
  await reader.close()
  return { eventIds, cursors, hubIds }
}
