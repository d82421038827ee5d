import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './measure.js'
import type { ServeProcess } from './serve-process.js'

/** Bytes of resident memory of a process over some time. */
export interface MemoryCourse {
  /** Median of the first quarter of the time. */
  readonly first: number
  /** Median of the last. */
  readonly last: number
  readonly highest: number
}

const SAMPLE_MS = 1_000

/** Looks at a server's memory every second until something else is over. */
export async function watchMemory(
  server: ServeProcess,
  until: Promise<unknown>,
): Promise<MemoryCourse> {
  const over = new AbortController()
  const end = (): void => {
    over.abort()
  }
  until.then(end, end)
  const samples: number[] = []
  while (!over.signal.aborted) {
    samples.push((await server.report()).resident)
    await sleep(SAMPLE_MS, undefined, { signal: over.signal }).catch(() => undefined)
  }
  const quarter = Math.ceil(samples.length / 4)
  return {
    first: median(samples.slice(0, quarter)),
    last: median(samples.slice(-quarter)),
    highest: Math.max(...samples),
  }
}
