import { renameSync } from 'node:fs'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunningServer } from '#api/server.js'
import { ask, parseProblem, serve, type ServeOptions } from '../support/api-client.js'
import { eventually } from '../support/eventually.js'
import { eventLine, IndexedRoot, MARKET } from '../support/indexed-root.js'
import { filterNaively, readInFileOrder } from '../support/naive.js'
import { dataOf, StreamClient } from '../support/stream-client.js'

const STREAM = '/simulations/run/events/stream'
const BEGINNING = `${STREAM}?from=beginning`

let indexed: IndexedRoot
let server: RunningServer

beforeEach(async () => {
  indexed = new IndexedRoot()
  await indexed.append({ run: { 'events.jsonl': [line('a'), line('b')] } })
  server = await serve(indexed.reader)
})
afterEach(async () => {
  await server.close()
  await indexed.close()
})

function line(id: string, fields: Partial<Parameters<typeof eventLine>[0]> = {}): string {
  return eventLine({ id, ...fields })
}

async function add(...lines: string[]): Promise<void> {
  await indexed.append({ run: { 'events.jsonl': lines } })
}

async function restart(options: ServeOptions): Promise<void> {
  await server.close()
  server = await serve(indexed.reader, options)
}

async function readGauge(name: string): Promise<number> {
  const { text } = await ask(server.url, '/metrics')
  return Number(new RegExp(`^${name.replaceAll(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1])
}

describe('a stream of events', () => {
  it('begins behind the last event there is', async () => {
    const client = await StreamClient.open(server.url, STREAM)
    await client.until(({ lastEventId }) => lastEventId === 'b')
    await add(line('c'), line('d'))
    await client.until(({ events }) => events.length === 2)
    expect(client.events).toEqual([
      { id: 'c', event: 'event', data: line('c') },
      { id: 'd', event: 'event', data: line('d') },
    ])
    expect(client.retry).toBe(1_000)
    client.cut()
  })

  it('begins with the first event where it is asked to', async () => {
    const client = await StreamClient.open(server.url, BEGINNING)
    await client.until(({ events }) => events.length === 2)
    await add(line('c'))
    await client.until(({ events }) => events.length === 3)
    expect(dataOf(client)).toEqual([line('a'), line('b'), line('c')])
    client.cut()
  })

  it('is of a run without events as well, and goes on with its first', async () => {
    await indexed.append({ empty: { 'events.jsonl': [] } })
    const path = '/simulations/empty/events/stream'
    const client = await StreamClient.open(server.url, path)
    await client.until(({ lastEventId }) => lastEventId !== '')
    client.cut()
    await indexed.append({ empty: { 'events.jsonl': [line('first')] } })
    const again = await StreamClient.open(server.url, path, client.lastEventId)
    await again.until(({ events }) => events.length === 1)
    expect(dataOf(again)).toEqual([line('first')])
    again.cut()
  })

  it('has the headers that keep anybody from holding it back', async () => {
    const client = await StreamClient.open(server.url, STREAM)
    expect(client.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    expect(client.response.headers).not.toHaveProperty('etag')
    client.cut()
    const head = await ask(server.url, STREAM, 'HEAD')
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'cache-control': 'no-store' } })
    expect((await ask(server.url, '/simulations/none/events/stream', 'HEAD')).status).toBe(404)
  })

  it('has each line as it is written, whatever is in it', async () => {
    const odd = [
      '{"event_id":"ü 1%","timestamp":"2025-01-01T00:00:00Z","turn_number":1,"event_type":"STATE","x":1.0}',
      '{"event_id":"^","timestamp":"2025-01-01T00:00:00Z","turn_number":1,"event_type":"STATE","big":12345678901234567890}',
      `{"event_id":"\\n\\u0000","timestamp":"2025-01-01T00:00:00Z","turn_number":1,"event_type":"STATE","y":"\u2028"}`,
      '{"event_id":"last","timestamp":"2025-01-01T00:00:00Z","turn_number":1,"event_type":"STATE"}',
    ]
    await add(...odd)
    const client = await StreamClient.open(server.url, BEGINNING)
    await client.until(({ events }) => events.length === 2 + odd.length)
    expect(dataOf(client).slice(2)).toEqual(odd)
    client.cut()
    // Each of the ids is a place to go on behind, in the header and as a parameter.
    for (const [index, { id }] of client.events.entries()) {
      const rest = dataOf(client).slice(index + 1)
      const path = `${STREAM}?last_event_id=${encodeURIComponent(id)}`
      for (const opening of [
        StreamClient.open(server.url, STREAM, id),
        StreamClient.open(server.url, path),
      ]) {
        const again = await opening
        await again.until(({ events }) => events.length === rest.length)
        expect(dataOf(again)).toEqual(rest)
        again.cut()
      }
    }
  })

  it('says the same where a carriage return stands between the parts of a line', async () => {
    const odd = line('c').replaceAll(',', ',\r\r')
    await add(odd)
    const client = await StreamClient.open(server.url, STREAM, 'b')
    await client.until(({ events }) => events.length === 1)
    expect(dataOf(client)).toEqual([odd.replaceAll('\r', '\n')])
    expect(JSON.parse(client.events[0]?.data ?? '')).toEqual(JSON.parse(line('c')))
    client.cut()
  })

  it('goes by the header rather than by the parameter, which stays when a client connects again', async () => {
    let last = 'b'
    for (const [path, next] of [
      [`${STREAM}?last_event_id=a`, 'c'],
      [BEGINNING, 'd'],
    ] as const) {
      const client = await StreamClient.open(server.url, path, last)
      await add(line(next))
      await client.until(({ events }) => events.length > 0)
      expect(dataOf(client)).toEqual([line(next)])
      client.cut()
      last = next
    }
  })

  it.each([
    [
      'an event there is none of',
      `${STREAM}?last_event_id=nothing`,
      '',
      404,
      'there is no event "nothing" of simulation "run" to go on behind',
    ],
    [
      'such an event in the header',
      STREAM,
      'nothing',
      404,
      'there is no event "nothing" of simulation "run" to go on behind',
    ],
    [
      'an event of another run',
      '/simulations/other/events/stream?last_event_id=a',
      '',
      404,
      'there is no event "a" of simulation "other" to go on behind',
    ],
    [
      'a run there is none of',
      '/simulations/none/events/stream',
      '',
      404,
      'no simulation has the id "none"',
    ],
    [
      'a place that is none',
      `${STREAM}?last_event_id=%25`,
      '',
      422,
      'last_event_id: is not an id of this stream',
    ],
    [
      'no place at all',
      `${STREAM}?last_event_id=`,
      '',
      422,
      'last_event_id: is not an id of this stream',
    ],
    ['such a place in the header', STREAM, '%', 422, 'Last-Event-ID: is not an id of this stream'],
    [
      'two beginnings',
      `${STREAM}?from=now&last_event_id=a`,
      '',
      422,
      'from: cannot be used together with last_event_id',
    ],
    ['a beginning that is none', `${STREAM}?from=here`, '', 422, 'from: must be now or beginning'],
    [
      'turns the wrong way round',
      `${STREAM}?turn_start=5&turn_end=4`,
      '',
      422,
      'turn_end: must not be smaller than turn_start',
    ],
    ['a page', `${STREAM}?limit=5`, '', 422, 'limit: is not a parameter of this endpoint'],
  ])('is refused before it begins: %s', async (_name, path, header, status, message) => {
    await indexed.append({ other: { 'events.jsonl': [line('x')] } })
    const headers = header === '' ? {} : { 'Last-Event-ID': header }
    const answer = await ask(server.url, path, 'GET', false, headers)
    expect({ status: answer.status, message: parseProblem(answer).message }).toEqual({
      status,
      message,
    })
  })

  it('has what each filter lets through', async () => {
    const fixture = await IndexedRoot.ofFixture()
    const streaming = await serve(fixture.reader)
    const market = readInFileOrder(fixture.root, MARKET)
    for (const [search, filter] of [
      ['event_types=STATE', { eventTypes: ['STATE'] }],
      [
        'agent_ids=agent_bob&turn_start=3&turn_end=50',
        { agentIds: ['agent_bob'], turnStart: 3, turnEnd: 50 },
      ],
      ['kinds=turn_start&kinds=trade', { kinds: ['turn_start', 'trade'] }],
      ['involving=agent_7', { involving: ['agent_7'] }],
    ] as const) {
      const expected = filterNaively(market, filter).map((event) => event.line)
      const path = `/simulations/${MARKET}/events/stream?from=beginning&${search}`
      const client = await StreamClient.open(streaming.url, path)
      await client.until(({ events }) => events.length >= expected.length)
      expect(dataOf(client)).toEqual(expected)
      client.cut()
    }
    await streaming.close()
    await fixture.close()
  })

  it('moves who waits for something rare on over what is not sent', async () => {
    await restart({ streamTimes: { moveMs: 20 } })
    const client = await StreamClient.open(server.url, `${BEGINNING}&kinds=nothing`)
    await client.until(({ lastEventId }) => lastEventId === 'b')
    await add(line('c'))
    await client.until(({ lastEventId }) => lastEventId === 'c')
    expect(client.events).toEqual([])
    client.cut()
  })

  it('shows that it is there while nothing happens', async () => {
    // None of these is for connections on which an answer is under way.
    const settings = { headersTimeout: 1, requestTimeout: 1, keepAliveTimeout: 1, stallTimeout: 1 }
    await restart({ streamTimes: { heartbeatMs: 400 }, settings })
    const client = await StreamClient.open(server.url, STREAM)
    await client.until(({ comments }) => comments.length === 8)
    await add(line('c'))
    await client.until(({ events }) => events.length === 1)
    expect(new Set(client.comments)).toEqual(new Set(['nothing new']))
    client.cut()
  })

  it('ends at once when the server does', async () => {
    const clients = await Promise.all(
      [STREAM, BEGINNING].map((path) => StreamClient.open(server.url, path)),
    )
    await Promise.all(
      clients.map((client) => client.until(({ lastEventId }) => lastEventId === 'b')),
    )
    await server.close()
    for (const client of clients) {
      await client.over()
      expect(client.response.complete).toBe(true)
    }
  })

  it('ends when the run is removed', async () => {
    await indexed.append({ other: { 'events.jsonl': [line('x')] } })
    const client = await StreamClient.open(server.url, BEGINNING)
    await client.until(({ events }) => events.length === 2)
    indexed.remove('run')
    await indexed.index()
    await client.over()
    expect(client.response.complete).toBe(true)
  })

  it('ends when the sidecar cannot be read, and goes on when it can be again', async () => {
    const client = await StreamClient.open(server.url, BEGINNING)
    await client.until(({ events }) => events.length === 2)
    renameSync(indexed.db, `${indexed.db}.away`)
    await client.over()
    expect(client.response.complete).toBe(true)
    const headers = { 'Last-Event-ID': client.lastEventId }
    expect((await ask(server.url, STREAM, 'GET', false, headers)).status).toBe(503)
    renameSync(`${indexed.db}.away`, indexed.db)
    await add(line('c'))
    const again = await StreamClient.open(server.url, STREAM, client.lastEventId)
    await again.until(({ events }) => events.length === 1)
    expect(dataOf(again)).toEqual([line('c')])
    again.cut()
  })

  it('is counted while it is open, and its time up to its beginning', async () => {
    const counted = `turnlog_http_request_duration_seconds_count{method="GET",route="${STREAM.replace('run', '{simulation_id}')}",status="200"}`
    expect(await readGauge('turnlog_streams')).toBe(0)
    const clients = [
      await StreamClient.open(server.url, STREAM),
      await StreamClient.open(server.url, STREAM),
    ]
    await eventually(async () => {
      expect(await readGauge('turnlog_streams')).toBe(2)
    })
    expect((await ask(server.url, '/metrics')).text).toContain(`${counted} 2\n`)
    for (const client of clients) client.cut()
    await eventually(async () => {
      expect(await readGauge('turnlog_streams')).toBe(0)
    })
    expect((await ask(server.url, '/metrics')).text).toContain(`${counted} 2\n`)
  })

  it('says that its event may be there soon while the files are being read', async () => {
    const sidecar = new Database(indexed.db)
    sidecar.exec('UPDATE segment SET modified_ms = -1')
    sidecar.close()
    const path = `${STREAM}?last_event_id=c`
    const { status, headers, text } = await ask(server.url, path)
    expect({ status, retryAfter: headers['retry-after'] }).toEqual({ status: 503, retryAfter: '1' })
    expect(text).toContain('has not come to event \\"c\\" of simulation \\"run\\" yet')
    await add(line('c'), line('d'))
    const client = await StreamClient.open(server.url, path)
    await client.until(({ events }) => events.length === 1)
    expect(dataOf(client)).toEqual([line('d')])
    client.cut()
  })
})
