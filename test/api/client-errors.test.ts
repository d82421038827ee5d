import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TurnlogApiError, TurnlogClient, TurnlogConnectionError } from '#api/client/index.js'
import type { RunningServer } from '#api/server.js'
import { serve } from '../support/api-client.js'
import { eventually } from '../support/eventually.js'
import { IndexedRoot } from '../support/indexed-root.js'
import { answer, begin, type Script, ScriptedServer } from '../support/scripted-server.js'

let indexed: IndexedRoot
let server: RunningServer

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  server = await serve(indexed.reader, { settings: { rateLimit: 5 } })
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

async function failureOf(asking: Promise<unknown>): Promise<unknown> {
  return asking.then(
    () => expect.fail('it was answered'),
    (error: unknown) => error,
  )
}

async function clientOf(script: Script): Promise<TurnlogClient> {
  return new TurnlogClient({ baseUrl: (await ScriptedServer.start(script)).url })
}

describe('what a server refuses', () => {
  it('is an error with all that the problem says', async () => {
    const client = new TurnlogClient({ baseUrl: server.url, headers: { 'X-Request-Id': 'mine' } })
    const unknown = await failureOf(client.getSimulation('nothing'))
    expect(unknown).toBeInstanceOf(TurnlogApiError)
    expect(unknown).toMatchObject({
      name: 'TurnlogApiError',
      status: 404,
      code: 'NOT_FOUND',
      details: [],
      requestId: 'mine',
      isTransient: false,
    })
    expect(await failureOf(client.listEvents('solo', { limit: 0, turn_start: -1 }))).toMatchObject({
      status: 422,
      code: 'INVALID_PARAMETER',
      message: expect.stringContaining('limit: must be a whole number') as string,
      details: [
        { parameter: 'turn_start', message: expect.any(String) as string },
        { parameter: 'limit', message: 'must be a whole number from 1 to 10000' },
      ],
    })
  })

  it('tells when to come back', async () => {
    const client = new TurnlogClient({ baseUrl: server.url })
    let failure: unknown
    for (let asked = 0; asked < 6; asked++) {
      failure = await client.listSimulations().catch((error: unknown) => error)
    }
    expect(failure).toMatchObject({ status: 429, code: 'RATE_LIMITED', isTransient: true })
    expect(failure instanceof TurnlogApiError && failure.retryAfterMs).toBeGreaterThan(0)
  })
})

describe('what is no answer of turnlog', () => {
  it.each([
    [502, 'text/html; charset=utf-8', '<html>Bad Gateway</html>', true],
    [200, 'text/html', '<html>Please log in</html>', false],
    [404, 'application/json', '{"error":"no such page"}', false],
    [403, 'application/problem+json', '{"title":"Forbidden"}', false],
    [500, 'application/problem+json', 'no JSON', true],
    [204, '', '', false],
  ])('is an error that shows it: %i %s %s', async (status, type, body, isTransient) => {
    const failure = await failureOf((await clientOf(answer(status, type, body))).getHealth())
    expect(failure).toBeInstanceOf(TurnlogApiError)
    expect(failure).toMatchObject({ status, code: 'UNEXPECTED_ANSWER', isTransient, details: [] })
    const shown = body === '' ? 'nothing' : JSON.stringify(body)
    expect(failure).toHaveProperty('message', expect.stringContaining(shown))
    expect(failure).toHaveProperty('message', expect.stringContaining(`status ${status} `))
  })

  it('is shown no longer than a line or two', async () => {
    const failure = await failureOf(
      (await clientOf(answer(502, 'text/html', 'x'.repeat(100_000)))).getHealth(),
    )
    expect(failure).toBeInstanceOf(TurnlogApiError)
    expect(failure instanceof Error && failure.message.length).toBeLessThan(400)
  })

  it('is an error when it is no JSON after all', async () => {
    const client = await clientOf(answer(200, 'application/json', '{"simulations":['))
    const failure = await failureOf(client.listSimulations())
    expect(failure).toBeInstanceOf(TurnlogConnectionError)
    expect(failure).toHaveProperty('message', 'the answer is no JSON: {"simulations":[')
  })
})

describe('a connection', () => {
  it('that cannot be made is an error that says why', async () => {
    const gone = await serve(indexed.reader)
    await gone.close()
    const failure = await failureOf(new TurnlogClient({ baseUrl: gone.url }).getHealth())
    expect(failure).toBeInstanceOf(TurnlogConnectionError)
    expect(failure).toHaveProperty(
      'message',
      expect.stringMatching(/^GET http:\/\/127\.0\.0\.1:\d+\/health: .*ECONNREFUSED/),
    )
  })

  it('that breaks off within an answer is an error', async () => {
    const client = await clientOf(begin('application/json', '{"simulations":', 'cut'))
    const failure = await failureOf(client.listSimulations())
    expect(failure).toBeInstanceOf(TurnlogConnectionError)
  })

  it('is closed when its answer is called off half-way', async () => {
    let closed = false
    const { url: baseUrl } = await ScriptedServer.start((request, response) => {
      begin('application/json', '{"simulations":', 'silence')(request, response)
      response.once('close', () => {
        closed = true
      })
      controller.abort(new Error('enough'))
    })
    const controller = new AbortController()
    const { signal } = controller
    const failure = await failureOf(new TurnlogClient({ baseUrl }).listSimulations({ signal }))
    expect(failure).toHaveProperty('message', 'enough')
    await eventually(() => {
      expect(closed).toBe(true)
    })
  })
})
