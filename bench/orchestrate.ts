import { mkdirSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { median } from './measure.js'
import { runScript } from './run-script.js'

/** A simulation of 100 agents, played in a process of its own. */
export const orchestrateJobSchema = z.object({
  by: z.enum(['hand', 'orchestrator']),
  turns: z.int().positive(),
  /** An existing and empty directory. */
  directory: z.string(),
})

const orchestrateResultSchema = z.object({
  events: z.number(),
  /** Of an event, in microseconds: the whole run divided by their number. */
  cost: z.number(),
})

/** See {@link orchestrateJobSchema}. */
export type OrchestrateJob = z.infer<typeof orchestrateJobSchema>
/** What such a process finds out. */
export type OrchestrateResult = z.infer<typeof orchestrateResultSchema>

/** What an event costs without the orchestrator and with it, in microseconds: medians. */
export interface OrchestrateFigures {
  readonly events: number
  readonly byHand: number
  readonly orchestrated: number
}

/** Long enough for the first turns, in which code is compiled, not to count much. */
const TURNS = 1_000

/**
 * Measures what the orchestrator adds to each event over a loop written by
 * hand that records the same ones.
 *
 * @throws Error when the two record a different number of events
 */
export async function measureOrchestrator(
  directory: string,
  rounds: number,
): Promise<OrchestrateFigures> {
  const results: Record<OrchestrateJob['by'], OrchestrateResult[]> = { hand: [], orchestrator: [] }
  for (let round = 0; round < rounds; round++) {
    for (const by of ['hand', 'orchestrator'] as const) {
      mkdirSync(directory, { recursive: true })
      const job: OrchestrateJob = { by, turns: TURNS, directory }
      results[by].push(orchestrateResultSchema.parse(await runScript('./orchestrate-run.js', job)))
      rmSync(directory, { recursive: true })
    }
  }
  const counts = new Set(Object.values(results).flatMap((all) => all.map(({ events }) => events)))
  const [events = 0, ...others] = counts
  if (others.length > 0) throw new Error(`recorded ${[...counts].join(' or ')} events`)
  return {
    events,
    byHand: median(results.hand.map(({ cost }) => cost)),
    orchestrated: median(results.orchestrator.map(({ cost }) => cost)),
  }
}
