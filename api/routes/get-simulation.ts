import { z } from 'zod'
import { noQuery, simulationParameters } from '../parameters.js'
import { bytes, simulationItem } from '../responses.js'
import { defineRoute } from '../route.js'

/** What it answers. */
export const simulationResponse = simulationItem
  .extend({
    events_by_type: z.record(z.string(), z.int()),
    events_by_agent: z.record(z.string(), z.int()),
    segments: z.array(
      z.object({
        name: z.string(),
        size: bytes,
        indexed_bytes: bytes,
        lag_bytes: bytes,
        event_count: z.int(),
        reject_count: z.int(),
        duplicate_count: z.int(),
      }),
    ),
    rejects: z
      .array(z.object({ segment: z.string(), offset: bytes, length: bytes, reason: z.string() }))
      .meta({ description: 'The first 100; reject_count counts them all.' }),
    lag_bytes: bytes,
  })
  .meta({ id: 'Simulation' })

/** `GET /simulations/{simulation_id}`. */
export const getSimulationRoute = defineRoute({
  path: '/simulations/{simulation_id}',
  operationId: 'getSimulation',
  summary: 'A run: its counts, its span, its files, and lines that are no events.',
  parameters: simulationParameters,
  query: noQuery,
  response: simulationResponse,
  notFound: 'No simulation has this id.',
  readsSidecar: true,
  async answer({ parameters }, { runs }) {
    return JSON.stringify(await runs.simulation(parameters.simulation_id))
  },
})
