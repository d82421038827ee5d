import { setTimeout as sleep } from 'node:timers/promises'
import { readEventCount } from './event-count.js'
import type { GeneratedRun } from './generate.js'
import { loadPaths } from './load-paths.js'
import { type RequestFigures, sendRequests } from './load-requests.js'
import { readSamples } from './query-samples.js'
import { type MemoryCourse, watchMemory } from './resident-memory.js'
import { runScript } from './run-script.js'
import { ServeProcess } from './serve-process.js'
import { type SteadyJob, steadyResultSchema } from './visibility-job.js'

/** How a server bears many requests at once while a run is being written. */
export interface LoadFigures extends RequestFigures {
  /** Of the run that was asked about. */
  readonly events: number
  readonly connections: number
  readonly seconds: number
  /** How long it was asked before. */
  readonly warmUpSeconds: number
  /** Different paths that were asked for. */
  readonly paths: number
  /** Events per second that were written to the other run meanwhile. */
  readonly written: number
  readonly memory: MemoryCourse
}

const CONNECTIONS = 10
const PATHS_PER_CONNECTION = 2_000
const SAMPLES = 1_000
/** The run that is written beside the one that is asked about. */
const OTHER_RUN = 'load'
const EVENTS_PER_SECOND = 5_000
/** It is written before the first request and behind the last, in seconds. */
const MARGIN = 2
/** Requests of so many seconds are no figure: a process takes that long to grow to its size. */
const WARM_UP_SECONDS = 30
const POLL_MS = 50

/**
 * Asks a mix of questions about an indexed run over several connections, while another process
 * writes a second run at a steady rate and the server follows it.
 *
 * @throws Error when the writer dropped an event
 */
export async function measureLoad(
  run: GeneratedRun,
  db: string,
  seconds: number,
): Promise<LoadFigures> {
  const samples = await readSamples(db, run, SAMPLES)
  const paths = loadPaths(run, samples, CONNECTIONS * PATHS_PER_CONNECTION)
  const server = await ServeProcess.start(run.root, db)
  try {
    const job: SteadyJob = {
      root: run.root,
      simulationId: OTHER_RUN,
      rate: EVENTS_PER_SECOND,
      seconds: WARM_UP_SECONDS + seconds + 2 * MARGIN,
    }
    const writing = runScript('./steady-run.js', job).then((printed) =>
      steadyResultSchema.parse(printed),
    )
    while ((await readEventCount(server, OTHER_RUN)) === 0) await sleep(POLL_MS)
    const load = { url: server.url, connections: CONNECTIONS, paths }
    await sendRequests({ ...load, seconds: WARM_UP_SECONDS })
    const sending = sendRequests({ ...load, seconds })
    const [figures, memory, { written, dropped, seconds: writingSeconds }] = await Promise.all([
      sending,
      watchMemory(server, sending),
      writing,
    ])
    if (dropped > 0) throw new Error(`the writer dropped ${dropped} events`)
    return {
      ...figures,
      events: run.events,
      connections: CONNECTIONS,
      seconds,
      warmUpSeconds: WARM_UP_SECONDS,
      paths: new Set(paths).size,
      written: written / writingSeconds,
      memory,
    }
  } finally {
    await server.stop()
  }
}
