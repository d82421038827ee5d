import { once } from 'node:events'
import { get, IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import express from 'express'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compressAnswers } from '#api/compression.js'
import { type RunningServer, startServer } from '#api/server.js'
import { SidecarReader } from '#src/sidecar/sidecar-reader.js'
import { ask, parseProblem, serve, TEST_SETTINGS } from '../support/api-client.js'
import { eventually } from '../support/eventually.js'
import { eventLine, IndexedRoot, MARKET } from '../support/indexed-root.js'

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

let indexed: IndexedRoot
let server: RunningServer

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  await indexed.append({ 'with rejects': { 'events.jsonl': ['nothing', eventLine({ id: 'a' })] } })
  server = await serve(indexed.reader)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

describe('request ids', () => {
  it.each(['x', '4bf92f3577b34da6', 'a.b:c/d+e=f-g_h', 'x'.repeat(128)])(
    'are taken over where they are fit: %s',
    async (id) => {
      const { headers } = await ask(server.url, '/health', 'GET', false, { 'X-Request-Id': id })
      expect(headers['x-request-id']).toBe(id)
    },
  )

  it.each(['', ' ', 'a b', '"', '{"a":1}', 'ü', 'x'.repeat(129)])(
    'are made anew where they are not: %j',
    async (id) => {
      const { headers } = await ask(server.url, '/health', 'GET', false, { 'X-Request-Id': id })
      expect(headers['x-request-id']).toMatch(UUID)
    },
  )

  it('differ, and stand in problems', async () => {
    const answers = await Promise.all(['/nothing', '/nothing'].map((path) => ask(server.url, path)))
    const ids = answers.map((answer) => parseProblem(answer).request_id)
    expect(ids).toEqual(answers.map(({ headers }) => headers['x-request-id']))
    expect(new Set(ids).size).toBe(2)
  })
})

describe('ETag', () => {
  it('holds as long as the answer does', async () => {
    const path = '/simulations/solo/events?limit=5'
    const first = await ask(server.url, path)
    expect(first.headers['etag']).toMatch(/^W\/"/)
    const asking = { 'If-None-Match': String(first.headers['etag']) }
    expect((await ask(server.url, path, 'GET', false, asking)).status).toBe(304)
    expect((await ask(server.url, path, 'HEAD', false, asking)).status).toBe(304)
    await indexed.append({ solo: { 'events.jsonl': [eventLine({ id: 'new' })] } })
    const changed = await ask(server.url, path, 'GET', false, asking)
    expect(changed.status).toBe(200)
    expect(changed.headers['etag']).not.toBe(first.headers['etag'])
  })

  it('is not on refusals', async () => {
    const any = { 'If-None-Match': '*' }
    const { status, headers } = await ask(server.url, '/nothing', 'GET', false, any)
    expect(status).toBe(404)
    expect(headers).toMatchObject({ 'cache-control': 'no-store' })
    expect(headers).not.toHaveProperty('etag')
  })
})

describe('what is of one moment', () => {
  it.each(['/health', '/metrics'])(
    'is answered in full whatever a client has: %s',
    async (path) => {
      const answer = await ask(server.url, path, 'GET', false, { 'If-None-Match': '*' })
      expect(answer.status).toBe(200)
      expect(answer.text).not.toBe('')
    },
  )
})

describe('compression', () => {
  it('is for who takes it, and changes nothing', async () => {
    const path = `/simulations/${MARKET}/events`
    const plain = await ask(server.url, path)
    expect(plain.headers).not.toHaveProperty('content-encoding')
    const request = get(server.url + path, { headers: { 'Accept-Encoding': 'gzip' } })
    const [response] = z
      .tuple([z.instanceof(IncomingMessage)])
      .parse(await once(request, 'response'))
    expect(response.headers).toMatchObject({
      'content-encoding': 'gzip',
      etag: plain.headers['etag'],
    })
    expect(response.headers.vary).toContain('Accept-Encoding')
    const bytes = await buffer(response)
    expect(bytes.length).toBeLessThan(plain.text.length / 2)
    expect(gunzipSync(bytes).toString()).toBe(plain.text)
  })
})

describe('a stream of events', () => {
  it('is sent as it comes, also to who takes compression', async () => {
    const app = express().use(compressAnswers)
    app.get('/', (_request, response) => {
      response.type('text/event-stream').write(`data: ${'x'.repeat(5_000)}\n\n`)
    })
    const streaming = await startServer(app, { ...TEST_SETTINGS, shutdownTimeout: 1 })
    const request = get(streaming.url, { headers: { 'Accept-Encoding': 'gzip' } })
    const [response] = z
      .tuple([z.instanceof(IncomingMessage)])
      .parse(await once(request, 'response'))
    expect(response.headers).not.toHaveProperty('content-encoding')
    const [chunk] = z.tuple([z.instanceof(Buffer)]).parse(await once(response, 'data'))
    expect(chunk.toString()).toMatch(/^data: x+/)
    request.on('error', () => undefined).destroy()
    await streaming.close()
  })
})

describe('the access log', () => {
  const lineShape = z.strictObject({
    level: z.literal(30),
    time: z.int(),
    pid: z.int(),
    hostname: z.string(),
    request_id: z.string(),
    method: z.string(),
    url: z.string(),
    client: z.literal('127.0.0.1'),
    status: z.int(),
    complete: z.literal(true),
    duration_ms: z.number().nonnegative(),
    msg: z.literal('request'),
  })

  it('has a line for each request, and no token', async () => {
    const log = new PassThrough().setEncoding('utf8')
    const logged = await serve(indexed.reader, {
      logger: pino({ level: 'info' }, log),
      settings: { tokens: ['a-token-of-this-test'] },
    })
    const headers = { Authorization: 'Bearer a-token-of-this-test', 'X-Request-Id': 'mine' }
    await ask(logged.url, '/simulations?x=1', 'GET', false, headers)
    await ask(logged.url, '/nothing', 'HEAD', false, headers)
    await ask(logged.url, `/${'x'.repeat(5_000)}`, 'GET', false, { Host: 'rebound.example' })
    await logged.close()
    const text = z.string().parse(log.read())
    const lines = text
      .trim()
      .split('\n')
      .map((line) => lineShape.parse(JSON.parse(line)))
    expect(lines).toMatchObject([
      { request_id: 'mine', method: 'GET', url: '/simulations?x=1', status: 422 },
      { request_id: 'mine', method: 'HEAD', url: '/nothing', status: 404 },
      { request_id: expect.stringMatching(UUID) as string, status: 421 },
    ])
    expect(lines[2]?.url).toHaveLength(2_000)
    expect(text).not.toContain('a-token-of-this-test')
  })
})

describe('GET /metrics', () => {
  async function readMetrics(): Promise<Map<string, number>> {
    const { status, headers, text } = await ask(server.url, '/metrics')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(
      lines.map((line) => {
        const [, name = '', value = ''] = /^(.+) (\S+)$/.exec(line) ?? []
        return [name, Number(value)]
      }),
    )
  }

  it('tells of the sidecar', async () => {
    const metrics = await readMetrics()
    expect(metrics.get('turnlog_sidecar_up')).toBe(1)
    expect(metrics.get('turnlog_simulations')).toBe(3)
    expect(metrics.get('turnlog_lag_bytes')).toBe(0)
    expect(metrics.get('turnlog_search_lag_events')).toBe(0)
    expect(metrics.get(`turnlog_events{simulation_id="${MARKET}"}`)).toBe(2000)
    expect(metrics.get(`turnlog_rejects{simulation_id="${MARKET}"}`)).toBe(0)
    expect(metrics.get('turnlog_rejects{simulation_id="with rejects"}')).toBe(1)
    expect(metrics.get('process_cpu_seconds_total')).toBeGreaterThan(0)
  })

  it('counts requests by the template of their route and their status', async () => {
    const name = (route: string, status: number): string =>
      `turnlog_http_request_duration_seconds_count{method="GET",route="${route}",status="${status}"}`
    const counted = ['/simulations/{simulation_id}', 'none', '/simulations'] as const
    const names = [
      name(counted[0], 200),
      name(counted[0], 404),
      name('none', 404),
      name('/simulations', 422),
    ]
    const before = await readMetrics()
    for (const path of ['/simulations/solo', '/simulations/x', '/a', '/b?c', '/simulations?d']) {
      await ask(server.url, path)
    }
    await eventually(async () => {
      const after = await readMetrics()
      expect(names.map((one) => (after.get(one) ?? 0) - (before.get(one) ?? 0))).toEqual([
        1, 1, 2, 1,
      ])
    })
  })

  it('says so when the sidecar is gone, and keeps no figures of it', async () => {
    const gone = await serve(new SidecarReader(`${indexed.db}.gone`))
    const { status, text } = await ask(gone.url, '/metrics')
    expect(status).toBe(200)
    expect(text).toContain('turnlog_sidecar_up 0\n')
    expect(text).not.toMatch(
      /^turnlog_(events|rejects|lag_bytes|search_lag_events|simulations|segments)/m,
    )
    await gone.close()
  })
})

describe('GET /docs', () => {
  it('is whole without any other server', async () => {
    const page = await ask(server.url, '/docs')
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    const named = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, target = '']) => target,
    )
    const assets = named.filter((target) => !target.startsWith('data:'))
    expect(assets).toHaveLength(3)
    for (const asset of assets) {
      expect(asset).toMatch(/^\/docs\//)
      const { status, headers, text } = await ask(server.url, asset)
      expect({ asset, status }).toEqual({ asset, status: 200 })
      expect(headers['content-type']).toBe(
        asset.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
      )
      expect(text.length).toBeGreaterThan(50)
      // A style may point at further files.
      if (asset.endsWith('.css')) expect(text).not.toMatch(/@import|url\((?!["']?data:)/)
    }
    expect((await ask(server.url, '/docs/start.js')).text).toContain("url: '/openapi.json'")
  })

  it('runs no script that stands in the page, as the policy has it', async () => {
    const { text, headers } = await ask(server.url, '/docs')
    expect(text).not.toMatch(/<script(?![^>]* src=)|\son\w+=/)
    expect(headers['content-security-policy']).not.toContain('script-src')
  })
})
