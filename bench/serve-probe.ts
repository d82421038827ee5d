/**
 * Loaded into `turnlog serve` before anything else: tells the process that
 * started it, on demand, how long the thread that answers requests was blocked
 * and how much memory the process had.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'
import type { ProbeReport, ProbeRequest } from './serve-process.js'

const RESOLUTION_MS = 1

/** The follower's threads load this, too; it is not they who answer. */
if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  process.on('message', (request: ProbeRequest) => {
    if (request === 'watch') {
      delay.enable()
      delay.reset()
      return
    }
    const report: ProbeReport = {
      // From one turn to the next: what is beyond the interval is delay.
      longestBlockMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS),
      memory: process.resourceUsage().maxRSS * 1024,
      resident: process.memoryUsage.rss(),
    }
    process.send?.(report)
  })
  // Listening keeps a process alive; this one ends when `serve` does.
  process.channel?.unref()
}
