import type { GeneratedRun } from './generate.js'
import { type IndexJob, indexResultSchema } from './index-job.js'
import { index } from './ingest.js'
import { type Latency, median, time } from './measure.js'
import { runScript } from './run-script.js'
import { ServeProcess } from './serve-process.js'
import { writeRun } from './write-run.js'

/** What a root of many small runs costs. */
export interface SmallRunsFigures {
  readonly runs: number
  readonly events: number
  /** Events per second, incremental and built aside. */
  readonly incremental: number
  readonly reindex: number
  /** A pass that finds nothing new, in milliseconds: median of processes that make one each. */
  readonly idlePassMs: number
  readonly idlePasses: number
  /** `GET /simulations`, in microseconds. */
  readonly list: Latency
  readonly listRounds: number
}

const RUNS = 1_000
const EVENTS_PER_RUN = 200
const IDLE_PASSES = 5
const LIST_ROUNDS = 500

/** Indexes and lists a root of 1,000 small runs. */
export async function measureSmallRuns(
  root: string,
  db: string,
  agents: number,
): Promise<SmallRunsFigures> {
  const events = RUNS * EVENTS_PER_RUN
  for (let run = 0; run < RUNS; run++) {
    const simulationId = `small-${String(run).padStart(4, '0')}`
    writeRun({ root, simulationId, events: EVENTS_PER_RUN, agents } satisfies GeneratedRun)
  }
  const reindex = await index({ how: 'reindex', root, db }, events)
  const incremental = await index({ how: 'incremental', root, db }, events)
  const passes: number[] = []
  for (let pass = 0; pass < IDLE_PASSES; pass++) passes.push(await passOverNothing({ root, db }))
  return {
    runs: RUNS,
    events,
    incremental: events / incremental.seconds,
    reindex: events / reindex.seconds,
    idlePassMs: median(passes),
    idlePasses: IDLE_PASSES,
    list: await measureList(root, db),
    listRounds: LIST_ROUNDS,
  }
}

/** @returns milliseconds */
async function passOverNothing(location: Omit<IndexJob, 'how'>): Promise<number> {
  const job: IndexJob = { how: 'incremental', ...location }
  const { events, seconds } = indexResultSchema.parse(await runScript('./index-run.js', job))
  if (events > 0) throw new Error(`a pass with nothing new found ${events} events`)
  return seconds * 1000
}

async function measureList(root: string, db: string): Promise<Latency> {
  const server = await ServeProcess.start(root, db)
  try {
    return await time(LIST_ROUNDS, () => server.get('/simulations'))
  } finally {
    await server.stop()
  }
}
