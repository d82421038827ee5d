import { once } from 'node:events'
import type { Response } from 'express'

/** How long who reads a stream may take nothing before the connection is cut, in milliseconds. */
const STALL_MS = 30_000

/** An answer that is made while it is sent. */
export interface Stream {
  /** Each is asked for when there is room for it. */
  readonly pieces: AsyncIterable<string>
  /** Aborts when nobody reads any more. */
  readonly signal: AbortSignal
}

/**
 * Sends an answer while it is made. No more of it is held than the connection takes: the next
 * piece is asked for when the one before is on its way. Who takes none for {@link STALL_MS} is
 * cut off.
 *
 * @throws what the stream throws; after its first piece, the answer is cut off before that
 */
export async function sendStream(
  response: Response,
  contentType: string,
  { pieces: all, signal }: Stream,
): Promise<void> {
  const pieces = all[Symbol.asyncIterator]()
  try {
    // What is wrong with the question is known before the answer begins.
    let next = await pieces.next()
    response.type(contentType).set('Cache-Control', 'no-store').flushHeaders()
    while (next.done !== true && !signal.aborted && response.req.method !== 'HEAD') {
      if (!response.write(next.value) && !(await hasRoom(response, signal))) return
      next = await pieces.next()
    }
    response.end()
  } catch (error) {
    if (signal.aborted) return
    if (response.headersSent) response.destroy()
    throw error
  } finally {
    await pieces.return?.()
  }
}

/** Waits until a connection takes more. @returns whether it does, or is gone */
async function hasRoom(response: Response, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(STALL_MS)])
  try {
    await once(response, 'drain', { signal: limit })
    return true
  } catch {
    response.destroy()
    return false
  }
}
