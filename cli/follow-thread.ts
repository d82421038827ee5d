import { parentPort, workerData } from 'node:worker_threads'
import { follow } from '../indexer/follow.js'
import type { FollowerOptions, FollowMessage } from './follower.js'

/** The thread that keeps the sidecar up while another answers requests; see `Follower`. */
async function main(port: NonNullable<typeof parentPort>): Promise<void> {
  const controller = new AbortController()
  port.once('message', () => {
    controller.abort()
  })
  const tell = (message: FollowMessage): void => {
    port.postMessage(message)
  }
  try {
    await follow({
      ...(workerData as FollowerOptions),
      signal: controller.signal,
      onPass: (report) => {
        tell({ kind: 'pass', report })
      },
      onError: (error) => {
        tell({ kind: 'problem', ...describe(error) })
      },
    })
  } catch (error) {
    tell({ kind: 'failed', ...describe(error) })
  } finally {
    port.close()
  }
}

/** Errors lose their class on the way between threads, so their parts travel. */
function describe(error: unknown): { code?: string; message: string; hint?: string } {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message } = error
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const hint = 'hint' in error && typeof error.hint === 'string' ? { hint: error.hint } : {}
  return { message, ...code, ...hint }
}

if (parentPort !== null) await main(parentPort)
