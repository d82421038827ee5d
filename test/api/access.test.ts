import type { OutgoingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes } from '#api/routes/index.js'
import type { RunningServer } from '#api/server.js'
import { type Answer, ask, parseProblem, serve, type ServeOptions } from '../support/api-client.js'
import { IndexedRoot } from '../support/indexed-root.js'

let indexed: IndexedRoot
const open: RunningServer[] = []

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
})
afterAll(async () => {
  await Promise.all(open.map((server) => server.close()))
  await indexed.close()
})

type Asking = (path: string, headers?: OutgoingHttpHeaders, method?: string) => Promise<Answer>

async function serveWith(settings: ServeOptions['settings']): Promise<Asking> {
  const server = await serve(indexed.reader, { settings: settings ?? {} })
  open.push(server)
  return (path, headers = {}, method = 'GET') => ask(server.url, path, method, false, headers)
}

describe('tokens', () => {
  const tokens = ['first-token-of-two', 'second.token~of+two==']

  it('let in who has any of them, however the scheme is spelled', async () => {
    const asking = await serveWith({ tokens })
    for (const token of tokens) {
      for (const Authorization of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token} `]) {
        expect((await asking('/health', { Authorization })).status).toBe(200)
      }
    }
  })

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer first-token-of-tw',
    'Bearer first-token-of-two2',
    'Bearer FIRST-TOKEN-OF-TWO',
    'Bearer first-token-of-two,second.token~of+two==',
    'Bearer first-token-of-two x',
    'first-token-of-two',
    'Basic first-token-of-two',
    `Bearer ${'x'.repeat(10_000)}`,
  ])('keep out %j', async (Authorization) => {
    const answer = await (await serveWith({ tokens }))('/simulations', { Authorization })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="turnlog"/)
    expect(parseProblem(answer).code).toBe('UNAUTHORIZED')
  })

  it('are needed for everything but the description of the API', async () => {
    const asking = await serveWith({ tokens })
    const free: string[] = []
    for (const { path } of routes) {
      const { status } = await asking(path.replaceAll(/\{\w+\}/g, 'x'))
      expect([200, 401]).toContain(status)
      if (status === 200) free.push(path)
    }
    expect(free.filter((path) => !path.startsWith('/docs'))).toEqual(['/openapi.json'])
  })

  it('are asked for before anything else is said of a request', async () => {
    const asking = await serveWith({ tokens })
    expect((await asking('/simulations/nothing/events?limit=0')).status).toBe(401)
    expect((await asking('/simulations', {}, 'HEAD')).status).toBe(401)
  })
})

describe('the Host header', () => {
  const loopback = ['localhost', 'LOCALHOST:80', '127.0.0.1:8000', '[::1]:8000', '[::1]']
  const strange = [
    ' ',
    'rebound.example',
    'localhost.rebound.example',
    'localhost:80:80',
    'user@localhost',
    'localhost/x',
    'localhost, rebound.example',
    '127.0.0.1.rebound.example',
    '[::1',
    '0x7f000001',
  ]

  it.each(loopback)('may be %j', async (Host) => {
    expect((await (await serveWith({}))('/health', { Host })).status).toBe(200)
  })

  it.each([...strange, '192.0.2.7', '[2001:db8::7]:80'])('may not be %j', async (Host) => {
    const answer = await (await serveWith({}))('/health', { Host })
    expect(answer.status).toBe(421)
    expect(parseProblem(answer).code).toBe('HOST_NOT_ALLOWED')
  })

  it('may be a name that is allowed, on any port', async () => {
    const asking = await serveWith({ allowedHosts: ['turnlog.example'] })
    expect((await asking('/health', { Host: 'Turnlog.example:443' })).status).toBe(200)
    expect((await asking('/health', { Host: 'sub.turnlog.example' })).status).toBe(421)
  })

  it('may be any address where the server listens on all, which a name made to point here is not', async () => {
    const asking = await serveWith({ host: '0.0.0.0' })
    for (const Host of ['192.0.2.7', '192.0.2.7:80', '[2001:db8::7]:80']) {
      expect((await asking('/health', { Host })).status).toBe(200)
    }
    for (const Host of strange) expect((await asking('/health', { Host })).status).toBe(421)
  })
})

describe('pages of other origins', () => {
  const local = [
    'http://localhost',
    'http://localhost:3000',
    'https://127.0.0.1:1',
    'http://[::1]:9',
  ]
  const foreign = [
    'https://example.org',
    'null',
    'http://localhost.example.org',
    'http://localhost:80x',
    'http://evil.example/http://localhost',
    'file://localhost',
  ]
  const allowedOrigin = 'access-control-allow-origin'

  it('may read answers, errors among them, where they are of this machine', async () => {
    const asking = await serveWith({})
    for (const Origin of local) {
      for (const path of ['/simulations', '/nothing', '/simulations?x=1']) {
        const { headers } = await asking(path, { Origin })
        expect(headers[allowedOrigin]).toBe(Origin)
        expect(headers['vary']).toContain('Origin')
        expect(headers['access-control-expose-headers']).toContain('X-Request-Id')
        expect(headers).not.toHaveProperty('access-control-allow-credentials')
      }
    }
    for (const Origin of foreign) {
      expect((await asking('/simulations', { Origin })).headers).not.toHaveProperty(allowedOrigin)
    }
  })

  it('may read answers where a setting names them, and nobody else then', async () => {
    const asking = await serveWith({ corsOrigins: ['https://example.org'] })
    const { headers } = await asking('/simulations', { Origin: 'https://example.org' })
    expect(headers[allowedOrigin]).toBe('https://example.org')
    for (const Origin of ['http://example.org', 'https://example.org:8443', ...local]) {
      expect((await asking('/simulations', { Origin })).headers).not.toHaveProperty(allowedOrigin)
    }
  })

  it('may be anyone’s where a setting says so, without credentials', async () => {
    const asking = await serveWith({ corsOrigins: ['*'] })
    const { headers } = await asking('/simulations', { Origin: 'https://example.org' })
    expect(headers[allowedOrigin]).toBe('*')
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
  })

  it('learn by OPTIONS what they may send, without a token', async () => {
    const asking = await serveWith({ tokens: ['a-token-of-this-test'] })
    const preflight = {
      Origin: 'http://localhost:3000',
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'authorization',
    }
    const { status, headers, text } = await asking('/simulations', preflight, 'OPTIONS')
    expect({ status, text }).toEqual({ status: 204, text: '' })
    expect(headers).toMatchObject({
      allow: 'GET, HEAD, OPTIONS',
      [allowedOrigin]: 'http://localhost:3000',
      'access-control-allow-methods': 'GET,HEAD',
    })
    for (const header of ['Authorization', 'Last-Event-ID']) {
      expect(headers['access-control-allow-headers']).toContain(header)
    }
    expect((await asking('/nothing', preflight, 'OPTIONS')).status).toBe(404)
  })
})

describe('every answer', () => {
  it('says what a browser may do with it', async () => {
    const asking = await serveWith({})
    for (const path of ['/simulations', '/nothing', '/docs']) {
      const { headers } = await asking(path)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      })
      expect(headers['content-security-policy']).toContain("default-src 'self'")
      expect(headers['content-security-policy']).not.toContain('http')
      expect(headers).not.toHaveProperty('strict-transport-security')
    }
  })
})
