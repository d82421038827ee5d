import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { buffer, text } from 'node:stream/consumers'
import { setInterval } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import express, { type NextFunction, type Request, type Response } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { compressAnswers } from '#api/compression.js'
import { sendStream } from '#api/send-stream.js'
import { startServer } from '#api/server.js'
import { TEST_SETTINGS } from '../support/api-client.js'
import { eventually } from '../support/eventually.js'

const PIECE = 'x'.repeat(64 * 1024)

/** What became of a stream on the side of the server. */
interface Sending {
  /** How many pieces were asked for. */
  asked: number
  response: Response | undefined
  isOver: boolean
  error: unknown
}

/** A server that streams pieces, and what it knows of the last stream. */
async function streaming(
  pieces: () => AsyncIterable<string>,
  { stallLimitMs = 60_000, ending = new AbortController().signal } = {},
): Promise<{ url: string; sending: Sending }> {
  const sending: Sending = { asked: 0, response: undefined, isOver: false, error: undefined }
  const app = express().use(compressAnswers)
  app.get('/', async (_request, response) => {
    sending.response = response
    const controller = new AbortController()
    const end = (): void => {
      controller.abort()
    }
    response.once('close', end)
    ending.addEventListener('abort', end)
    const { signal } = controller
    try {
      await sendStream(response, {
        contentType: 'application/json',
        pieces: counted(pieces(), sending),
        signal,
        stallLimitMs,
      })
    } finally {
      sending.isOver = true
    }
  })
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    sending.error = error
    if (response.headersSent) next(error)
    else response.status(500).end('refused')
  })
  app.set('env', 'test')
  const server = await startServer(app, { ...TEST_SETTINGS, shutdownTimeout: 1 })
  onTestFinished(() => server.close())
  return { url: server.url, sending }
}

async function* counted(pieces: AsyncIterable<string>, sending: Sending): AsyncGenerator<string> {
  for await (const piece of pieces) {
    sending.asked++
    yield piece
  }
}

async function* endless(): AsyncGenerator<string> {
  for (;;) yield await Promise.resolve(PIECE)
}

async function* toAsync(piece: string): AsyncGenerator<string> {
  yield await Promise.resolve(piece)
}

async function* some(count: number): AsyncGenerator<string> {
  for (let piece = 0; piece < count; piece++) yield await Promise.resolve(`${piece}${PIECE}\n`)
}

async function open(url: string, headers = {}): Promise<IncomingMessage> {
  const request = get(url, { agent: false, headers })
  const response = await new Promise<IncomingMessage>((resolve) =>
    request.once('response', resolve),
  )
  onTestFinished(() => {
    response.destroy()
  })
  return response.on('error', () => undefined)
}

describe('a stream', () => {
  it('arrives whole at who reads slower than it is made', async () => {
    const { url, sending } = await streaming(() => some(500))
    const response = await open(url)
    expect(response.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    let received = ''
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      received += chunk
      // Others have their turn: so the server is ahead, and has to wait.
      await new Promise((resolve) => setImmediate(resolve))
    }
    const expected: string[] = []
    for await (const piece of some(500)) expected.push(piece)
    expect(received === expected.join('')).toBe(true)
    expect(sending).toMatchObject({ asked: 500, isOver: true, error: undefined })
  })

  it('arrives whole when it is compressed', async () => {
    const warnings: Error[] = []
    const warn = (warning: Error): void => void warnings.push(warning)
    process.on('warning', warn)
    onTestFinished(() => {
      process.off('warning', warn)
    })
    const { url } = await streaming(() => some(500))
    const response = await open(url, { 'Accept-Encoding': 'gzip' })
    expect(response.headers['content-encoding']).toBe('gzip')
    const received = gunzipSync(await buffer(response)).toString()
    const expected: string[] = []
    for await (const piece of some(500)) expected.push(piece)
    expect(received === expected.join('')).toBe(true)
    expect(warnings).toEqual([])
  })

  it('is not made ahead of who does not read, who is cut off after a time', async () => {
    const { url, sending } = await streaming(endless, { stallLimitMs: 500 })
    const response = await open(url)
    response.pause()
    await eventually(() => {
      expect(sending.isOver).toBe(true)
    })
    expect(sending.response?.destroyed).toBe(true)
    // What the system holds on both sides is bounded, and it is all that was made.
    expect(sending.asked * PIECE.length).toBeLessThan(64 * 1024 * 1024)
    expect(sending.error).toBeUndefined()
    await expect(text(response)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('goes on for who takes a little now and then', async () => {
    const large = PIECE.repeat(512)
    const { url, sending } = await streaming(() => toAsync(large), { stallLimitMs: 1_500 })
    const response = await open(url)
    // For longer than that, and nowhere near the end of the one piece there is.
    let looks = 25
    for await (const paused of setInterval(100, response)) {
      paused.read()
      if (--looks === 0) break
    }
    expect(sending).toMatchObject({ asked: 1, isOver: false })
  })

  it('ends when its client is gone', async () => {
    const { url, sending } = await streaming(endless)
    const response = await open(url)
    await once(response, 'data')
    response.destroy()
    await eventually(() => {
      expect(sending.isOver).toBe(true)
    })
    expect(sending.error).toBeUndefined()
  })

  it('is cut off at once when it is to end and nobody takes it', async () => {
    const controller = new AbortController()
    const { url, sending } = await streaming(endless, { ending: controller.signal })
    const response = await open(url)
    response.pause()
    await eventually(() => {
      expect(sending.response?.writableLength).toBeGreaterThan(0)
    })
    controller.abort()
    await eventually(() => {
      expect(sending.isOver).toBe(true)
    })
    expect(sending.response?.destroyed).toBe(true)
  })

  it('becomes a refusal when nothing of it was sent, and is cut off later', async () => {
    const failing = async function* (after: number): AsyncGenerator<string> {
      yield* some(after)
      throw new Error('no more')
    }
    const first = await streaming(() => failing(0))
    expect(await text(await open(first.url))).toBe('refused')
    expect(first.sending.error).toMatchObject({ message: 'no more' })
    const later = await streaming(() => failing(3))
    await expect(text(await open(later.url))).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(later.sending.error).toMatchObject({ message: 'no more' })
  })
})
