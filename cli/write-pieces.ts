import { once } from 'node:events'
import type { Writable } from 'node:stream'

/**
 * Writes pieces at the pace of who reads them: the next one is asked for when there is room for
 * it, so that no more than one of them is held.
 *
 * @param signal ends the wait for who does not read
 * @throws the signal's reason when it aborts while there is no room
 */
export async function writePieces(
  stream: Writable,
  pieces: AsyncIterable<string>,
  signal?: AbortSignal,
): Promise<void> {
  for await (const piece of pieces) {
    if (piece === '' || stream.write(piece)) continue
    await once(stream, 'drain', { signal }).catch((error: unknown) => {
      throw signal?.aborted === true ? signal.reason : error
    })
  }
}
