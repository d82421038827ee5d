import { once } from 'node:events'
import type { Writable } from 'node:stream'

/**
 * Writes pieces at the pace of who reads them: the next one is asked for when there is room for
 * it, so that no more than one of them is held.
 */
export async function writePieces(stream: Writable, pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) {
    if (piece !== '' && !stream.write(piece)) await once(stream, 'drain')
  }
}
