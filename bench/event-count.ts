import { z } from 'zod'
import type { ServeProcess } from './serve-process.js'

const simulationsSchema = z.object({
  simulations: z.array(z.object({ id: z.string(), event_count: z.number() })),
})

/** How many events of a run a server knows of: the smallest question there is. */
export async function readEventCount(server: ServeProcess, simulationId: string): Promise<number> {
  const { simulations } = simulationsSchema.parse(JSON.parse(await server.get('/simulations')))
  return simulations.find(({ id }) => id === simulationId)?.event_count ?? 0
}
