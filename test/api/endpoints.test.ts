import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { eventResponse } from '#api/responses.js'
import { simulationResponse } from '#api/routes/get-simulation.js'
import { healthResponse } from '#api/routes/health.js'
import { eventsResponse } from '#api/routes/list-events.js'
import { simulationsResponse } from '#api/routes/list-simulations.js'
import { causalityResponse } from '#api/routes/trace-causality.js'
import type { RunningServer } from '#api/server.js'
import { ask, serve } from '../support/api-client.js'
import { eventLine, FIXTURE, IndexedRoot, MARKET, type RunLines } from '../support/indexed-root.js'
import { filterNaively, type NaiveEvent, readRun } from '../support/naive.js'

let indexed: IndexedRoot
let server: RunningServer

const ODD_RUN = 'a run/&#%+ü国?'.replace('/', '%2F')
const ODD_AGENTS = ['a b', 'a/b', 'a&b', 'a#b', '100%', 'a+b', 'ü国', '😀', '=', '%2F', '__proto__']
const ODD_EVENTS = [
  'e 1',
  'e/2',
  'e&3',
  'e#4',
  'e%5',
  'e?6',
  'e+7',
  'é8',
  '..',
  '😀',
  'stream',
  'STREAM',
]
const oddRun: RunLines = {
  [ODD_RUN]: {
    'events.jsonl': [
      ...ODD_AGENTS.map((agent, index) => eventLine({ id: `agent ${index}`, agent })),
      ...ODD_EVENTS.map((id) => eventLine({ id, causes: ['e 1'] })),
    ],
  },
}

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  await indexed.append(oddRun)
  server = await serve(indexed.reader)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
  const response = await fetch(server.url + path, {
    headers: { 'Accept-Encoding': 'identity' },
  })
  const text = await response.text()
  expect({ status: response.status, text }).toMatchObject({ status: 200 })
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(response.headers.get('x-powered-by')).toBeNull()
  expect(response.headers.get('content-length')).toBe(Buffer.byteLength(text).toString())
  return schema.parse(JSON.parse(text))
}

function parsed(events: readonly NaiveEvent[]): unknown[] {
  return events.map(({ line }): unknown => JSON.parse(line))
}

function runPath(...parts: readonly string[]): string {
  return ['/simulations', ...parts.map(encodeURIComponent)].join('/')
}

describe('every endpoint', () => {
  it('GET /health', async () => {
    expect(await get('/health', healthResponse.strict())).toEqual({
      status: 'healthy',
      version: '1.2.3-test',
      simulations: 3,
      segments: 8,
      events: 2041 + ODD_AGENTS.length + ODD_EVENTS.length,
      rejects: 0,
      lag_bytes: 0,
      search_lag_events: 0,
      index: { following: false, last_pass: null, problem: null, events_read: 0 },
    })
  })

  it('GET /simulations', async () => {
    const { simulations } = await get('/simulations', simulationsResponse.strict())
    expect(simulations.map(({ id, name, event_count: count }) => [id, name, count])).toEqual([
      [ODD_RUN, ODD_RUN, ODD_AGENTS.length + ODD_EVENTS.length],
      [MARKET, 'market', 2000],
      ['solo', 'solo', 41],
    ])
  })

  it('GET /simulations/{simulation_id}', async () => {
    expect(await get(`/simulations/${MARKET}`, simulationResponse.strict())).toMatchObject({
      id: MARKET,
      name: 'market',
      events_by_type: { ENV: 487, DECISION: 490 },
      events_by_agent: { 国家_中国: 172 },
      segments: { length: 6 },
      lag_bytes: 0,
    })
  })

  it('GET /simulations/{simulation_id}/events', async () => {
    const market = readRun(FIXTURE, MARKET)
    const path = `/simulations/${MARKET}/events`
    const all = await get(path, eventsResponse.strict())
    expect(all.events).toEqual(parsed(market.slice(0, 1000)))
    expect(all).toMatchObject({ total: 2000, has_more: true })
    const rest = await get(`${path}?cursor=${all.next_cursor ?? ''}`, eventsResponse)
    expect(rest.events).toEqual(parsed(market.slice(1000)))
    expect(rest).toMatchObject({ total: 2000, has_more: false, next_cursor: null })
  })

  it('GET /simulations/{simulation_id}/events with every filter there is', async () => {
    const market = readRun(FIXTURE, MARKET)
    const [start, end] = [market[100]?.position.timestamp, market[1800]?.position.timestamp]
    const query = new URLSearchParams([
      ['start_timestamp', timestampOf(market[100])],
      ['end_timestamp', timestampOf(market[1800])],
      ['turn_start', '3'],
      ['turn_end', '66'],
      ['event_types', 'STATE'],
      ['event_types', 'ACTION'],
      ['agent_ids', 'agent 6 & co/ñ'],
      ['agent_ids', '国家_中国'],
      ['agent_ids', 'nobody'],
      ['involving', 'agent 6 & co/ñ'],
      ['involving', '国家_中国'],
      ['kinds', 'sanction'],
      ['kinds', 'trade'],
      ['order', 'desc'],
      ['limit', '20'],
      ['offset', '5'],
    ])
    const expected = filterNaively(
      market,
      {
        startTimestamp: start,
        endTimestamp: end,
        turnStart: 3,
        turnEnd: 66,
        eventTypes: ['STATE', 'ACTION'],
        agentIds: ['agent 6 & co/ñ', '国家_中国'],
        involving: ['agent 6 & co/ñ', '国家_中国'],
        kinds: ['sanction', 'trade'],
      },
      'desc',
    )
    const page = await get(`/simulations/${MARKET}/events?${query.toString()}`, eventsResponse)
    expect(page.events).toEqual(parsed(expected.slice(5, 25)))
    expect(page.total).toBe(expected.length)
  })

  it('GET /simulations/{simulation_id}/events/{event_id}', async () => {
    const event = readRun(FIXTURE, MARKET)[1234]
    const path = runPath(MARKET, 'events', event?.position.eventId ?? '')
    expect(await get(path, eventResponse)).toEqual(JSON.parse(event?.line ?? ''))
  })

  it('GET /simulations/{simulation_id}/causality/{event_id}', async () => {
    const market = readRun(FIXTURE, MARKET)
    const start = market.find(({ causes }) => causes.length > 0)
    const [cause = ''] = start?.causes ?? []
    const id = start?.position.eventId ?? ''
    const path = runPath(MARKET, 'causality', id)
    const trace = await get(path, causalityResponse.strict())
    expect(trace.event).toEqual(JSON.parse(start?.line ?? ''))
    expect(trace.upstream).toContainEqual({
      event_id: cause,
      depth: 1,
      event: eventResponse.parse(JSON.parse(lineOf(market, cause))),
    })
    expect(trace.links).toContainEqual({ cause, effect: id })
    const nearest = await get(`${path}?depth=1&direction=upstream&max_nodes=1`, causalityResponse)
    expect(nearest).toMatchObject({ upstream: { length: 1 }, downstream: [], missing: [] })
  })
})

describe('ids with anything in them', () => {
  it.each(ODD_AGENTS.map((agent, index) => [agent, index] as const))(
    'finds the agent %j',
    async (agent, index) => {
      const query = new URLSearchParams({ agent_ids: agent })
      const { events } = await get(
        `${runPath(ODD_RUN, 'events')}?${query.toString()}`,
        eventsResponse,
      )
      expect(events.map((event) => event.event_id)).toEqual([`agent ${index}`])
    },
  )

  it.each(ODD_EVENTS)('finds the event %j and what it led to', async (id) => {
    // fetch would resolve dots, even encoded ones.
    const [run, event = ''] = [ODD_RUN, id].map(encodeURIComponent)
    const found = await ask(server.url, `/simulations/${run}/events/${event.replace(/^s/, '%73')}`)
    expect(found).toMatchObject({ status: 200, text: eventLine({ id, causes: ['e 1'] }) })
    const traced = await ask(server.url, `/simulations/${run}/causality/${event}`)
    expect(causalityResponse.parse(JSON.parse(traced.text))).toMatchObject({ event_id: id })
  })

  it('takes them for nothing else than what they spell', async () => {
    const { simulations } = await get('/simulations', simulationsResponse)
    for (const { id, event_count: count } of simulations) {
      expect(await get(runPath(id), simulationResponse)).toMatchObject({ id, event_count: count })
    }
  })
})

describe('requests as clients spell them', () => {
  it('answers HEAD with the headers of GET and no body', async () => {
    for (const path of ['/health', '/simulations', '/openapi.json', '/simulations/nothing']) {
      const [get, head] = [await ask(server.url, path), await ask(server.url, path, 'HEAD')]
      expect(head).toMatchObject({ status: get.status, text: '' })
      for (const header of ['content-type', 'content-length']) {
        expect(head.headers[header]).toBe(get.headers[header])
      }
    }
  })

  it('takes a filter on thousands of agents', async () => {
    const crowd = Array.from({ length: 5_000 }, (_, index): [string, string] => [
      'agent_ids',
      `somebody else ${index}`,
    ])
    const query = new URLSearchParams([...crowd, ['agent_ids', 'agent_bob'], ['limit', '1']])
    const page = await get(`/simulations/${MARKET}/events?${query.toString()}`, eventsResponse)
    expect(page.total).toBe(174)
  })

  it('takes an offset whose "+" was not encoded, in any form', async () => {
    const path = `/simulations/${MARKET}/events?limit=1&end_timestamp=`
    const same = [
      '2025-10-04T14:29:00+00:00',
      '2025-10-04T14:29:00%2B00:00',
      '2025-10-04T14:29:00+0000',
      '2025-10-04T14:29:00+00',
      '2025-10-04T14:29:00.000000+00:00:00',
      '2025-10-04+14:29:00+00:00',
      '2025-10-04+14:29:00',
      '2025-10-04T14:29:00Z',
      '2025-10-04t14:29:00z',
      '2025-10-04T17:59:00+03:30',
      '2025-10-04T09:29:00-05:00',
    ]
    const totals = await Promise.all(
      same.map(async (timestamp) => (await get(path + timestamp, eventsResponse)).total),
    )
    expect(new Set(totals).size).toBe(1)
    expect(totals[0]).toBeGreaterThan(0)
  })
})

function lineOf(events: readonly NaiveEvent[], id: string): string {
  return events.find(({ position }) => position.eventId === id)?.line ?? ''
}

function timestampOf(event: NaiveEvent | undefined): string {
  return /"timestamp":"([^"]+)"/.exec(event?.line ?? '')?.[1] ?? ''
}
