import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import Database from 'better-sqlite3'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunningServer } from '#api/server.js'
import { writeRun } from '#bench/write-run.js'
import { indexRoot } from '#indexer/index-root.js'
import { TurnlogError } from '#src/errors.js'
import { LongReads } from '#src/query/long-reads.js'
import { readAllEvents } from '#src/query/read-all-events.js'
import { decodeSearchQuery } from '#src/query/search-query.js'
import { SidecarReader, type Snapshot } from '#src/sidecar/sidecar-reader.js'
import { type Answer, ask, parseProblem, serve } from '../support/api-client.js'
import { eventLine, IndexedRoot, MARKET, withIndexedRoot } from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { startCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const EVENTS = `/simulations/${MARKET}/events`
const AS_LINES = { Accept: 'application/x-ndjson' }

let indexed: IndexedRoot
let server: RunningServer

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  server = await serve(indexed.reader)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

function askForLines(path: string, method = 'GET'): Promise<Answer> {
  return ask(server.url, path, method, false, AS_LINES)
}

const page = z.object({
  events: z.array(z.unknown()),
  next_cursor: z.string().nullable(),
})

/** What pages give, one after the other, as lines of JSON that was parsed. */
async function pagesOf(path: string): Promise<unknown[]> {
  const events: unknown[] = []
  let cursor = ''
  for (;;) {
    const { text } = await ask(server.url, `${path}&limit=170${cursor}`)
    const { events: some, next_cursor: next } = page.parse(JSON.parse(text))
    events.push(...some)
    if (next === null) return events
    cursor = `&cursor=${next}`
  }
}

function parseLines(text: string): unknown[] {
  expect(text === '' || text.endsWith('\n')).toBe(true)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line))
}

describe('events as lines', () => {
  it('are every line of a run, to the letter and in order', async () => {
    const { status, headers, text } = await askForLines(EVENTS)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
      vary: expect.stringContaining('Accept') as string,
    })
    expect(headers).not.toHaveProperty('etag')
    const lines = readRun(indexed.root, MARKET).map(({ line }) => `${line}\n`)
    expect(text).toBe(lines.join(''))
  })

  it.each([
    'event_types=DECISION&event_types=ACTION',
    'turn_start=20&turn_end=60&order=desc',
    'q=agent&order=desc',
    'q=nothing+like+it',
    'q=trad*&kinds=trade',
    'details.action_type=trade&fields=event_id&fields=details',
    'q=traded&details.action_type=trade&order=desc',
    'fields=turn_number&fields=nothing',
  ])('are what pages give one after the other: %s', async (query) => {
    const { status, text } = await askForLines(`${EVENTS}?${query}`)
    expect(status).toBe(200)
    expect(parseLines(text)).toEqual(await pagesOf(`${EVENTS}?${query}`))
  })

  it.each([
    ['limit=7', 0, 7],
    ['limit=1200', 0, 1_200],
    ['offset=1990', 1_990, 2_000],
    ['offset=3&limit=2', 3, 5],
    ['offset=2000', 2_000, 2_000],
    ['count=none&limit=1', 0, 1],
  ])('begin and end where they are told to: %s', async (query, from, until) => {
    const all = readRun(indexed.root, MARKET).map(({ line }) => line)
    const asked = await askForLines(`${EVENTS}?${query}`)
    expect(asked.text.split('\n').slice(0, -1)).toEqual(all.slice(from, until))
  })

  it('go on from a cursor', async () => {
    const { text } = await ask(server.url, `${EVENTS}?limit=1500&order=desc`)
    const cursor = page.parse(JSON.parse(text)).next_cursor ?? ''
    const rest = await askForLines(`${EVENTS}?order=desc&cursor=${cursor}`)
    expect(parseLines(rest.text)).toHaveLength(500)
  })

  it('leave out matches that have to be looked for', async () => {
    const query = 'details.action_type=trade&order=desc'
    const all = await pagesOf(`${EVENTS}?${query}`)
    const { text } = await askForLines(`${EVENTS}?${query}&offset=5&limit=9`)
    expect(parseLines(text)).toEqual(all.slice(5, 14))
  })

  it('have the headers without the lines for HEAD', async () => {
    const { status, headers, text } = await askForLines(EVENTS, 'HEAD')
    expect({ status, text }).toEqual({ status: 200, text: '' })
    expect(headers['content-type']).toBe('application/x-ndjson')
  })

  it('are refused as pages are, before the first of them', async () => {
    const unknown = await askForLines('/simulations/nothing/events')
    expect(parseProblem(unknown)).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    const wrong = await askForLines(`${EVENTS}?q=-a&details..=1&fields=&limit=0`)
    expect(parseProblem(wrong)).toMatchObject({ status: 422, code: 'INVALID_PARAMETER' })
  })

  it.each([
    ['*/*', 'application/json; charset=utf-8'],
    ['application/*', 'application/json; charset=utf-8'],
    ['application/json, application/x-ndjson;q=0.5', 'application/json; charset=utf-8'],
    ['application/json;q=0.5, application/x-ndjson', 'application/x-ndjson'],
    ['text/html', 'application/json; charset=utf-8'],
  ])('are for who prefers them: %s', async (accept, type) => {
    const asked = await ask(server.url, `${EVENTS}?limit=1`, 'GET', false, { Accept: accept })
    expect(asked).toMatchObject({ status: 200, headers: { 'content-type': type } })
  })

  it('are cut off when one of their reads fails', async () => {
    class FailingReader extends SidecarReader {
      #reads = 0

      override read<T>(use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
        if (++this.#reads > 1) throw new Error('the second read fails')
        return super.read(use)
      }
    }
    const failing = await serve(new FailingReader(indexed.db))
    await expect(ask(failing.url, EVENTS, 'GET', false, AS_LINES)).rejects.toThrow(
      /aborted|hang up/,
    )
    await failing.close()
  })

  it.each([
    [new Error('no answer'), 50, 'INTERNAL'],
    [new TurnlogError('SIDECAR_UNREADABLE', { message: 'no answer' }), 40, 'SIDECAR_UNAVAILABLE'],
  ])('says once in the log why an answer was cut off: %s', async (error, level, code) => {
    class FailingReader extends SidecarReader {
      #reads = 0
      override read<T>(use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
        return this.#reads++ === 0 ? super.read(use) : Promise.reject(error)
      }
    }
    const log = new PassThrough().setEncoding('utf8')
    const reader = new FailingReader(indexed.db)
    const failing = await serve(reader, { logger: pino({ level: 'warn' }, log) })
    const headers = { ...AS_LINES, 'X-Request-Id': 'cut' }
    const answer = ask(failing.url, EVENTS, 'GET', false, headers)
    await expect(answer).rejects.toThrow(/aborted|hang up/)
    await failing.close()
    await reader.close()
    const said = String(log.read()).trimEnd().split('\n')
    const entries = said.map((line): unknown => JSON.parse(line))
    expect(entries).toMatchObject([
      { level, request_id: 'cut', code, err: { message: 'no answer' } },
    ])
  })
})

describe('readAllEvents', () => {
  const signal = new AbortController().signal
  const lines = (from: number, until: number): string[] =>
    Array.from({ length: until - from }, (_, index) => {
      const number = (from + index).toString().padStart(6, '0')
      return eventLine({
        id: number,
        timestamp: `2025-01-01T00:00:00.${number}Z`,
        details: { note: 'a word' },
      })
    })
  const search = decodeSearchQuery('word')
  const filters = [
    {},
    'problem' in search ? {} : { search },
    { details: [{ path: ['note'], value: 'a word' }] },
  ]

  it.each(filters)('goes on with events that are indexed meanwhile: %j', async (filter) => {
    await withIndexedRoot({ run: { 'events.jsonl': lines(0, 2_400) } }, async (own) => {
      const source = { reader: own.reader, longReads: new LongReads(own.db), signal }
      const read: string[] = []
      let parts = 0
      for await (const events of readAllEvents(source, 'run', { filter, order: 'asc' })) {
        read.push(...events)
        if (parts++ === 0) await own.append({ run: { 'events.jsonl': lines(2_400, 2_500) } })
      }
      expect(read).toEqual(lines(0, 2_500))
    })
  })

  it.each(filters)('goes on in a sidecar that was built anew: %j', async (filter) => {
    await withIndexedRoot({ run: { 'events.jsonl': lines(0, 2_400) } }, async (own) => {
      const source = { reader: own.reader, longReads: new LongReads(own.db), signal }
      const read: string[] = []
      for await (const events of readAllEvents(source, 'run', { filter, order: 'asc' })) {
        read.push(...events)
        await own.reindex()
      }
      expect(read).toEqual(lines(0, 2_400))
    })
  })

  it.each(filters)('does not end in a sidecar without the rest: %j', async (filter) => {
    await withIndexedRoot({ run: { 'events.jsonl': lines(0, 2_400) } }, async (own) => {
      const source = { reader: own.reader, longReads: new LongReads(own.db), signal }
      const parts = readAllEvents(source, 'run', { filter, order: 'asc' })
      await parts.next()
      // What an indexer has written that has come as far.
      await own.reindex()
      const half = new Database(own.db)
      half.exec('UPDATE segment SET modified_ms = -1')
      half.close()
      await expect(parts.next()).rejects.toMatchObject({ code: 'SIDECAR_UNREADABLE' })
    })
  })

  it.each(filters)('reads few long events at once: %j', async (filter) => {
    await withIndexedRoot({ run: { 'events.jsonl': lines(0, 20) } }, async (own) => {
      const sidecar = new Database(own.db)
      sidecar.exec('UPDATE event SET length = 400000')
      sidecar.close()
      const source = { reader: own.reader, longReads: new LongReads(own.db), signal }
      const read: string[] = []
      const counts: number[] = []
      for await (const events of readAllEvents(source, 'run', { filter, order: 'asc' })) {
        read.push(...events)
        counts.push(events.length)
      }
      expect(read).toEqual(lines(0, 20))
      expect(counts.filter((count) => count > 0)).toEqual([3, 3, 3, 3, 3, 3, 2])
    })
  })

  it('ends when nobody waits any more', async () => {
    const abort = new AbortController()
    const source = {
      reader: indexed.reader,
      longReads: new LongReads(indexed.db),
      signal: abort.signal,
    }
    const filter = filters[2] ?? {}
    const parts = readAllEvents(source, MARKET, { filter, order: 'asc' })
    abort.abort(new Error('gone'))
    await expect(parts.next()).rejects.toThrow('gone')
  })
})

describe('a long stream', () => {
  const COUNT = 400_000
  /** What is sent is some 200 MB; what the engine keeps until it collects it does not depend on that. */
  const MOST_GROWTH = 128 * 1024 * 1024

  it('takes no more memory the longer it is', async () => {
    const root = temporaryDirectory()
    const db = join(root, 'index.db')
    writeRun({ root, simulationId: 'long', events: COUNT, agents: 20 })
    await indexRoot({ root, db })
    const serving = startCli('serve', '--root', root, '--db', db, '--port', '0', '--no-follow')
    const [, url = ''] = await serving.output(/^listening on (\S+)$/m)
    const path = '/simulations/long/events'
    // Once before, so that all code has run.
    expect(await countLines(url, `${path}?limit=10000`)).toBe(10_000)
    const before = await residentBytes(url)
    let most = 0
    const count = await countLines(url, path, async () => {
      most = Math.max(most, await residentBytes(url))
    })
    expect(count).toBe(COUNT)
    expect(most).toBeGreaterThan(0)
    expect(most - before).toBeLessThan(MOST_GROWTH)
  })

  /** Reads lines at the pace of `look`, which is called now and then. */
  async function countLines(
    url: string,
    path: string,
    look?: () => Promise<void>,
  ): Promise<number> {
    const request = get(url + path, { headers: AS_LINES })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    let lines = 0
    let looked = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      for (const byte of chunk) if (byte === 0x0a) lines++
      if (lines - looked > COUNT / 20) {
        looked = lines
        await look?.()
      }
    }
    return lines
  }

  async function residentBytes(url: string): Promise<number> {
    const { text } = await ask(url, '/metrics')
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1])
  }
})
