import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { readEventCount } from './event-count.js'
import { type Latency, summarize } from './measure.js'
import { runScript } from './run-script.js'
import { ServeProcess } from './serve-process.js'
import {
  sharedNow,
  type SteadyJob,
  type SteadyResult,
  steadyResultSchema,
} from './visibility-job.js'

/** How soon an event that is emitted can be read from the API. */
export interface VisibilityFigures {
  /** Of every event, in microseconds. */
  readonly latency: Latency
  readonly events: number
  /** Events per second that were emitted in fact. */
  readonly rate: number
  /** The longest that the thread which answers was blocked meanwhile, in milliseconds. */
  readonly longestBlockMs: number
}

const SIMULATION_ID = 'live'
const EVENTS_PER_SECOND = 20_000
const SECONDS = 15
const POLL_MS = 5
const LATEST = `/simulations/${SIMULATION_ID}/events?order=desc&limit=1`

const pageSchema = z.object({
  total: z.number(),
  events: z.tuple([z.object({ details: z.object({ emitted_at: z.number() }) })]),
})

/**
 * One process writes at a steady rate, a second serves and follows, this one
 * asks for the latest event again and again.
 *
 * @throws Error when an event was dropped
 */
export async function measureVisibility(root: string, db: string): Promise<VisibilityFigures> {
  mkdirSync(root, { recursive: true })
  const server = await ServeProcess.start(root, db)
  try {
    server.watch()
    const job: SteadyJob = {
      root,
      simulationId: SIMULATION_ID,
      rate: EVENTS_PER_SECOND,
      seconds: SECONDS,
    }
    const writing = runScript('./steady-run.js', job).then((printed) =>
      steadyResultSchema.parse(printed),
    )
    const [{ written, dropped, seconds }, latencies] = await Promise.all([
      writing,
      watchLatest(server, writing),
    ])
    if (dropped > 0) throw new Error(`the writer dropped ${dropped} events`)
    const { longestBlockMs } = await server.report()
    const latency = summarize(Float64Array.from(latencies))
    return { latency, events: latencies.length, rate: written / seconds, longestBlockMs }
  } finally {
    await server.stop()
  }
}

interface Seen {
  readonly total: number
  /** When the latest event was emitted. */
  readonly emittedAt: number
}

/**
 * Asks for the latest event until all that was written can be seen. Events come
 * into sight many at once; between the two ends of such a batch, they were
 * emitted at a steady rate.
 *
 * @returns from emitted to visible, in milliseconds, for each event but those of the first sight
 */
async function watchLatest(
  server: ServeProcess,
  writing: Promise<SteadyResult>,
): Promise<readonly number[]> {
  let written = Infinity
  void writing.then((result) => {
    written = result.written
  })
  const latencies: number[] = []
  // When the run itself comes into sight is another question.
  while ((await readEventCount(server, SIMULATION_ID)) === 0) await sleep(POLL_MS)
  let seen = await readLatest(server)
  while (seen.total < written) {
    await sleep(POLL_MS)
    const latest = await readLatest(server)
    const now = sharedNow()
    const count = latest.total - seen.total
    for (let nth = 1; nth <= count; nth++) {
      const share = nth / count
      latencies.push(now - (seen.emittedAt + (latest.emittedAt - seen.emittedAt) * share))
    }
    seen = latest
  }
  return latencies
}

async function readLatest(server: ServeProcess): Promise<Seen> {
  const { total, events } = pageSchema.parse(JSON.parse(await server.get(LATEST)))
  return { total, emittedAt: events[0].details.emitted_at }
}
