import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readEventCount } from './event-count.js'
import type { GeneratedRun } from './generate.js'
import { removeSidecar } from './ingest.js'
import { ServeProcess } from './serve-process.js'

/** How a server answers while it takes in a whole run at once. */
export interface LiveIngestFigures {
  readonly events: number
  /** Events per second from the first that could be seen, with a question every few milliseconds beside. */
  readonly rate: number
  /** The longest that the thread which answers was blocked, in milliseconds. */
  readonly longestBlockMs: number
  /** The slowest answer to the smallest question, in milliseconds, and how many there were. */
  readonly slowestAnswerMs: number
  readonly answers: number
  /** Bytes of resident memory of the process that serves and ingests, at the most. */
  readonly memory: number
}

const POLL_MS = 5

/** Lets a server that runs already find a run of many events, and watches it until it has them all. */
export async function measureLiveIngest(
  { root, simulationId, events }: GeneratedRun,
  db: string,
): Promise<LiveIngestFigures> {
  const directory = join(root, simulationId)
  const aside = `${root}.aside`
  renameSync(directory, aside)
  removeSidecar(db)
  const server = await ServeProcess.start(root, db)
  try {
    server.watch()
    renameSync(aside, directory)
    let first: { readonly at: number; readonly indexed: number } | undefined
    let slowestAnswerMs = 0
    let answers = 0
    for (;;) {
      const askedAt = performance.now()
      const indexed = await readEventCount(server, simulationId)
      const now = performance.now()
      slowestAnswerMs = Math.max(slowestAnswerMs, now - askedAt)
      answers++
      if (indexed > 0) first ??= { at: now, indexed }
      if (first !== undefined && indexed === events) {
        const rate = (events - first.indexed) / ((now - first.at) / 1000)
        return { events, rate, slowestAnswerMs, answers, ...(await server.report()) }
      }
      await sleep(POLL_MS)
    }
  } finally {
    await server.stop()
  }
}
