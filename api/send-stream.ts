import type { Response } from 'express'

/** An answer that is made while it is sent. */
export interface Stream {
  readonly contentType: string
  /** Each is asked for when there is room for it. */
  readonly pieces: AsyncIterable<string>
  /** Aborts when nobody reads any more, or the answer is to end. */
  readonly signal: AbortSignal
  /** How long who reads may take nothing before the connection is cut, in milliseconds. */
  readonly stallLimitMs: number
  /** Called when the answer begins: from here on, it is no refusal. */
  readonly onBegin?: () => void
}

/**
 * Sends an answer while it is made. No more of it is held than the connection takes: the next
 * piece is asked for when the one before is on its way. Who takes nothing for `stallLimitMs` is
 * cut off.
 *
 * @throws what the stream throws; after its first piece, the answer is cut off before that
 */
export async function sendStream(response: Response, stream: Stream): Promise<void> {
  const { contentType, signal, stallLimitMs, onBegin } = stream
  const pieces = stream.pieces[Symbol.asyncIterator]()
  const waitForRoom = watchRoom(response, { signal, stallLimitMs })
  try {
    // What is wrong with the question is known before the answer begins.
    let next = await pieces.next()
    if (response.closed) return
    response
      .type(contentType)
      // A proxy that gathers an answer before it passes it on would hold it back.
      .set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
      .flushHeaders()
    onBegin?.()
    const isWanted = (): boolean => !signal.aborted && response.req.method !== 'HEAD'
    while (next.done !== true && isWanted()) {
      if (!response.write(next.value)) await waitForRoom()
      if (isWanted()) next = await pieces.next()
    }
    // Where nobody takes the rest, nobody would take the end.
    if (signal.aborted && response.writableLength > 0) response.destroy()
    else response.end()
  } catch (error) {
    if (response.closed) return
    if (response.headersSent) response.destroy()
    throw error
  } finally {
    await pieces.return?.()
  }
}

/**
 * Makes a function that waits until a connection takes more, or its signal aborts.
 * A connection that takes nothing all the while is cut, which aborts the signal.
 */
function watchRoom(
  response: Response,
  { signal, stallLimitMs }: Pick<Stream, 'signal' | 'stallLimitMs'>,
): () => Promise<void> {
  let goOn = (): void => undefined
  const wake = (): void => {
    goOn()
  }
  response.on('drain', wake)
  signal.addEventListener('abort', wake)
  // The clock of the connection itself: what is taken of a large piece counts as well.
  response.on('timeout', () => {
    response.destroy()
  })
  return async () => {
    response.setTimeout(stallLimitMs)
    await new Promise<void>((resolve) => {
      goOn = resolve
      if (signal.aborted) resolve()
    })
    response.setTimeout(0)
  }
}
