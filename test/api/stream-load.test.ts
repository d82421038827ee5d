import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { serve } from '../support/api-client.js'
import { eventually } from '../support/eventually.js'
import { eventLine, withIndexedRoot } from '../support/indexed-root.js'
import { startCli } from '../support/run-cli.js'
import { dataOf, StreamClient } from '../support/stream-client.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

describe('a stream that nobody reads', () => {
  it('is cut off, and goes on where it was for who connects again', async () => {
    // Far more than the system holds for a connection.
    const note = 'x'.repeat(64 * 1024)
    const lines = Array.from({ length: 600 }, (_, index) =>
      eventLine({ id: `e${index}`, details: { note } }),
    )
    await withIndexedRoot({ run: { 'events.jsonl': lines } }, async (indexed) => {
      const server = await serve(indexed.reader, { settings: { stallTimeout: 1 } })
      const path = '/simulations/run/events/stream?from=beginning'
      const client = await StreamClient.open(server.url, path)
      client.response.pause()
      await eventually(async () => {
        const { text } = await readMetrics(server.url)
        expect(text).toContain('turnlog_streams 0\n')
      })
      // What was on its way is still there to be read, up to somewhere in an event.
      client.response.resume()
      await client.over()
      expect(client.response.complete).toBe(false)
      const received = dataOf(client)
      expect(received.length).toBeLessThan(lines.length / 2)
      const again = await StreamClient.open(server.url, path, client.lastEventId)
      await again.until(({ events }) => received.length + events.length === lines.length)
      expect([...received, ...dataOf(again)]).toEqual(lines)
      again.cut()
      await server.close()
    })
  })
})

async function readMetrics(url: string): Promise<{ text: string }> {
  const response = await fetch(`${url}/metrics`)
  return { text: await response.text() }
}

describe('five hundred streams of one run', () => {
  it('have every event each, and end with the server', async () => {
    const root = temporaryDirectory()
    const active = join(root, 'run', 'events.jsonl')
    mkdirSync(join(root, 'run'))
    const lineOf = (index: number): string => eventLine({ id: `e${index}`, turn: index })
    writeFileSync(active, `${lineOf(0)}\n`)
    // In a process of its own: each of the two has one end of every connection.
    const location = ['--root', root, '--db', join(root, '.turnlog', 'index.db')]
    const serving = startCli('serve', ...location, '--port', '0')
    const [, url = ''] = await serving.output(/^listening on (\S+)$/m)
    const agent = new Agent({ maxSockets: Infinity })
    const streams = await Promise.all(
      Array.from({ length: 500 }, () => openStream(url, '/simulations/run/events/stream', agent)),
    )
    const expected = createHash('sha1')
    for (let start = 1; start <= 400; start += 40) {
      const lines = Array.from({ length: 40 }, (_, index) => lineOf(start + index))
      appendFileSync(active, lines.map((line) => `${line}\n`).join(''))
      for (const line of lines) expected.update(line)
      await Promise.all(streams.map((stream) => stream.until(start + 39)))
    }
    const digest = expected.digest('hex')
    for (const { digestOf } of streams) expect(digestOf()).toBe(digest)
    const ended = Promise.all(streams.map((stream) => stream.ended))
    expect(await serving.stop()).toBe(0)
    expect(new Set(await ended)).toEqual(new Set([true]))
  })
})

interface CountedStream {
  /** Waits until so many events came. */
  readonly until: (count: number) => Promise<void>
  /** Of what all events said, in order. */
  readonly digestOf: () => string
  /** Whether the server ended it in due form. */
  readonly ended: Promise<boolean>
}

/** As little as can be: there are hundreds. */
async function openStream(url: string, path: string, agent: Agent): Promise<CountedStream> {
  const hash = createHash('sha1')
  let events = 0
  let rest = ''
  let wake = (): void => undefined
  return new Promise((resolve, reject) => {
    request(url + path, { agent }, (response) => {
      const ended = new Promise<boolean>((resolveEnd) => {
        response.once('close', () => {
          resolveEnd(response.complete)
        })
      })
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          if (!line.startsWith('data: ')) continue
          events++
          hash.update(line.slice('data: '.length))
        }
        wake()
      })
      response.once('data', () => {
        resolve({
          ended,
          digestOf: () => hash.digest('hex'),
          async until(count) {
            while (events < count) {
              await new Promise<void>((resolveMore) => {
                wake = resolveMore
              })
            }
          },
        })
      })
    })
      .once('error', reject)
      .end()
  })
}
