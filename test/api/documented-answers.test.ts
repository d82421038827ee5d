import { renameSync } from 'node:fs'
import type { OutgoingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import type { Route } from '#api/route.js'
import { routes } from '#api/routes/index.js'
import type { RunningServer } from '#api/server.js'
import { SidecarReader } from '#src/sidecar/sidecar-reader.js'
import { type Answer, ask, serve } from '../support/api-client.js'
import { DocumentedApi } from '../support/documented.js'
import { FIXTURE, IndexedRoot, MARKET } from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'

const TOKEN = 'a-token-of-this-test'
const WITH_TOKEN = { Authorization: `Bearer ${TOKEN}` }
const EVENT_ID = readRun(FIXTURE, MARKET)[500]?.position.eventId ?? ''

const documented = routes.filter((route) => route.internal !== true)

/** What cannot be asked without. */
const QUERIES: Readonly<Record<string, string>> = { '/compare': `?a=${MARKET}&b=solo` }

function spell({ path }: Route): string {
  const spelled = path
    .replace('{simulation_id}', MARKET)
    .replace('{event_id}', EVENT_ID)
    .replace('{effect_id}', EVENT_ID)
    .replace('{name}', 'wealth')
  return spelled + (QUERIES[path] ?? '')
}

function withParameter(path: string, parameter: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}${parameter}`
}

let indexed: IndexedRoot
let server: RunningServer
let api: DocumentedApi

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  const settings = { tokens: [TOKEN], maxUrlBytes: 2_048, headersTimeout: 1, requestTimeout: 1 }
  server = await serve(indexed.reader, { settings })
  api = new DocumentedApi((await ask(server.url, '/openapi.json')).text)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

async function expectAnswer(
  path: string,
  status: number,
  headers: OutgoingHttpHeaders = {},
  from: RunningServer = server,
): Promise<Answer> {
  const answer = await ask(from.url, path, 'GET', false, { ...WITH_TOKEN, ...headers })
  expect({ path, status: answer.status }).toEqual({ path, status })
  api.expectDocumented(path, answer)
  return answer
}

/** Sends bytes as they are, and reads what comes back until the connection ends. */
async function exchange(bytes: string): Promise<Answer> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.write(bytes)
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  const [start = '', ...lines] = head.split('\r\n')
  const headers = lines
    .map((line) => line.split(': '))
    .map(([name = '', value = '']) => [name.toLowerCase(), value] as const)
  return {
    status: Number(start.split(' ')[1]),
    headers: Object.fromEntries<string>(headers),
    text: body,
  }
}

/** Every endpoint with its template, and whether it has what a test is about. */
function pathsOf(has: (route: Route) => boolean): string[] {
  return documented.filter(has).map(spell)
}

const ALL = pathsOf(() => true)

describe('every endpoint answers as the document says', () => {
  it.each(pathsOf(({ volatile }) => volatile !== true))('200 and 304: %s', async (path) => {
    const { headers } = await expectAnswer(path, 200)
    expect(headers['cache-control']).toBe('private, no-cache')
    const etag = z.string().parse(headers['etag'])
    const again = await expectAnswer(path, 304, { 'If-None-Match': `"other", ${etag}` })
    expect(again.text).toBe('')
    await expectAnswer(path, 200, { 'If-None-Match': '"other"' })
  })

  const hasBoth = ({ answer, stream }: Route): boolean => (answer && stream) !== undefined
  it.each(pathsOf(hasBoth))('200 as a stream: %s', async (path) => {
    const Accept = 'application/x-ndjson'
    const { headers } = await expectAnswer(`${path}?limit=3`, 200, { Accept })
    expect(headers).toMatchObject({ 'content-type': Accept, 'cache-control': 'no-store' })
  })

  it.each(pathsOf(({ volatile }) => volatile === true))('200, not kept: %s', async (path) => {
    const { headers } = await expectAnswer(path, 200)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers).not.toHaveProperty('etag')
  })

  it.each(ALL)('400 for what is not HTTP: %s', async (path) => {
    const answer = await exchange(`GET ${path} HTTP/1.1\r\nno header\r\n\r\n`)
    expect(answer.status).toBe(400)
    api.expectDocumented(path, answer)
  })

  it.each(pathsOf(({ parameters }) => parameters !== undefined))('400: %s', async (path) => {
    await expectAnswer(path.replace(MARKET, '%ff'), 400)
  })

  it.each(pathsOf(({ open }) => open !== true))('401: %s', async (path) => {
    await expectAnswer(path, 401, { Authorization: '' })
    await expectAnswer(path, 401, { Authorization: 'Bearer some-other-token-of-this-test' })
  })

  it.each(pathsOf(({ notFound }) => notFound !== undefined))('404: %s', async (path) => {
    await expectAnswer(path.replace(MARKET, 'nothing'), 404)
  })

  it('408', async () => {
    const answers = ALL.map(async (path) => ({
      path,
      answer: await exchange(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n`),
    }))
    for (const { path, answer } of await Promise.all(answers)) {
      expect(answer.status).toBe(408)
      api.expectDocumented(path, answer)
    }
  })

  it.each(ALL)('413: %s', async (path) => {
    await expectAnswer(path, 413, { 'Content-Length': '1000000' })
    await expectAnswer(path, 413, { 'Transfer-Encoding': 'chunked' })
  })

  it.each(ALL)('414: %s', async (path) => {
    await expectAnswer(withParameter(path, 'x'.repeat(2_048)), 414)
  })

  it.each(ALL)('421: %s', async (path) => {
    await expectAnswer(path, 421, { Host: 'rebound.example' })
  })

  it.each(ALL)('422: %s', async (path) => {
    await expectAnswer(withParameter(path, 'nothing=1'), 422)
  })

  it('429', async () => {
    const limited = await serve(indexed.reader, { settings: { tokens: [TOKEN], rateLimit: 1 } })
    await expectAnswer('/health', 200, {}, limited)
    for (const path of ALL) {
      const { headers } = await expectAnswer(path, 429, {}, limited)
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    }
    await limited.close()
  })

  it.each(ALL)('431: %s', async (path) => {
    await expectAnswer(path, 431, { 'X-Long': 'x'.repeat(20_000) })
  })

  it('500, telling nothing of the fault, which is in the log', async () => {
    const log = new PassThrough()
    const faulty = await serve(indexed.reader, {
      settings: { tokens: [TOKEN] },
      logger: pino({ level: 'error' }, log),
    })
    const read = vi.spyOn(SidecarReader.prototype, 'read').mockImplementation(() => {
      throw new Error('something nobody foresaw')
    })
    const paths = pathsOf(({ open }) => open !== true)
    for (const path of paths) {
      const { text: body } = await expectAnswer(path, 500, {}, faulty)
      expect(body).not.toContain('foresaw')
    }
    read.mockRestore()
    await faulty.close()
    const lines = z.string().parse(log.setEncoding('utf8').read()).trim().split('\n')
    expect(lines).toHaveLength(paths.length)
    for (const line of lines) expect(line).toContain('something nobody foresaw')
  })

  it('503', async () => {
    renameSync(indexed.db, `${indexed.db}.away`)
    for (const path of pathsOf(({ readsSidecar }) => readsSidecar)) await expectAnswer(path, 503)
    for (const path of pathsOf(({ readsSidecar }) => !readsSidecar)) await expectAnswer(path, 200)
    renameSync(`${indexed.db}.away`, indexed.db)
    await expectAnswer('/health', 200)
  })
})
