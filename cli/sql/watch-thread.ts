import { workerData } from 'node:worker_threads'

/** What the thread looks at, and when it is too much. */
interface Watch {
  /** The process whose child this one is, as long as it lives. */
  readonly asker: number
  readonly maxMegabytes: number
}

const LOOK_EVERY_MS = 20
const MEGABYTE = 1_000_000

const { asker, maxMegabytes } = workerData as Watch

setInterval(() => {
  const isOrphan = process.ppid !== asker
  if (isOrphan || process.memoryUsage.rss() > maxMegabytes * MEGABYTE) {
    process.kill(process.pid, 'SIGKILL')
  }
}, LOOK_EVERY_MS)
