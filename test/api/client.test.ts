import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import {
  type CausalityQuery,
  type ComparisonQuery,
  type EventFilter,
  type EventsQuery,
  type Fields,
  type FollowOptions,
  type HistogramQuery,
  TurnlogClient,
  type VariableQuery,
} from '#api/client/index.js'
import { OPERATIONS } from '#api/client/operations.js'
import type { compareRunsRoute } from '#api/routes/compare-runs.js'
import type { countHistogramRoute } from '#api/routes/count-histogram.js'
import type { followEventsRoute } from '#api/routes/follow-events.js'
import { routes } from '#api/routes/index.js'
import type { listEventsRoute } from '#api/routes/list-events.js'
import type { readVariableRoute } from '#api/routes/read-variable.js'
import type { traceCausalityRoute } from '#api/routes/trace-causality.js'
import type { RunningServer } from '#api/server.js'
import { parseTimestamp } from '#src/event/timestamp.js'
import { serve } from '../support/api-client.js'
import { eventLine, FIXTURE, IndexedRoot, MARKET } from '../support/indexed-root.js'
import { filterNaively, type NaiveEvent, readRun } from '../support/naive.js'

const ODD_RUN = 'a run&#%+ü国?'
const ODD_IDS = [
  'e 1',
  'e/2',
  'e&3',
  'e#4',
  'e%5',
  'e?6',
  'e+7',
  'é8',
  '...',
  '😀',
  '%2F',
  'stream',
]
const BIG =
  '{"event_id":"big","timestamp":"2025-10-04T14:23:45Z","turn_number":0,"event_type":"STATE","details":{"new_value":9007199254740993}}'

let indexed: IndexedRoot
let server: RunningServer
let client: TurnlogClient

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  await indexed.append({
    [ODD_RUN]: { 'events.jsonl': [...ODD_IDS.map((id) => eventLine({ id, agent: id })), BIG] },
  })
  server = await serve(indexed.reader)
  client = new TurnlogClient({ baseUrl: server.url })
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

/** What a route makes of a query. */
type Parsed<R extends { readonly query: z.ZodType }> = z.infer<R['query']>
/** The parameters of a route. */
type Asked<R extends { readonly query: z.ZodType }> = keyof Parsed<R>
/** The parameters of a query, by the names that the routes have for them. */
type Named<Q> = keyof {
  [K in keyof Q as K extends `details.${string}` ? 'details.<path>' : K]: Q[K]
}
/** What a parameter can be when it is given. */
type Given<Q, K extends keyof Q> = NonNullable<Q[K]>

async function askPlainly(path: string): Promise<unknown> {
  return (await fetch(server.url + path)).json()
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

function parsed(events: readonly NaiveEvent[]): unknown[] {
  return events.map(({ line }): unknown => JSON.parse(line))
}

describe('TurnlogClient', () => {
  it('knows every operation of the API by its operationId, and where it is', () => {
    const operations = new Map(Object.entries(OPERATIONS))
    for (const { operationId, path, internal } of routes) {
      if (internal !== true)
        expect([operationId, operations.get(operationId)]).toEqual([operationId, path])
    }
  })

  it('has a method for each', () => {
    for (const operation of Object.keys(OPERATIONS)) {
      expect(client).toHaveProperty(operation === 'followEvents' ? 'follow' : operation)
    }
  })

  it('knows every parameter, and no other', () => {
    expectTypeOf<Named<EventsQuery & Fields>>().toEqualTypeOf<Asked<typeof listEventsRoute>>()
    expectTypeOf<Named<EventFilter> | 'from' | 'last_event_id'>().toEqualTypeOf<
      Asked<typeof followEventsRoute>
    >()
    expectTypeOf<Named<HistogramQuery>>().toEqualTypeOf<Asked<typeof countHistogramRoute>>()
    expectTypeOf<Named<VariableQuery>>().toEqualTypeOf<Asked<typeof readVariableRoute>>()
    expectTypeOf<Named<CausalityQuery>>().toEqualTypeOf<Asked<typeof traceCausalityRoute>>()
    expectTypeOf<Named<ComparisonQuery> | 'a' | 'b'>().toEqualTypeOf<
      Asked<typeof compareRunsRoute>
    >()
  })

  it('knows every word that a parameter can be', () => {
    type Events = Parsed<typeof listEventsRoute>
    expectTypeOf<Given<EventsQuery, 'order'>>().toEqualTypeOf<Events['order']>()
    expectTypeOf<Given<EventsQuery, 'count'>>().toEqualTypeOf<Events['count']>()
    expectTypeOf<Given<EventsQuery, 'event_types'>[number]>().toEqualTypeOf<
      NonNullable<Events['event_types']>[number]
    >()
    expectTypeOf<Given<FollowOptions, 'from'>>().toEqualTypeOf<
      NonNullable<Parsed<typeof followEventsRoute>['from']>
    >()
    type Histogram = Parsed<typeof countHistogramRoute>
    expectTypeOf<Given<HistogramQuery, 'by'>>().toEqualTypeOf<Histogram['by']>()
    expectTypeOf<Given<HistogramQuery, 'split'>>().toEqualTypeOf<NonNullable<Histogram['split']>>()
    expectTypeOf<Given<CausalityQuery, 'direction'>>().toEqualTypeOf<
      Parsed<typeof traceCausalityRoute>['direction']
    >()
  })

  it('gives what the server answers', async () => {
    const id = readRun(FIXTURE, MARKET)[1234]?.position.eventId ?? ''
    const run = `/simulations/${MARKET}`
    expect(await client.getHealth()).toEqual(await askPlainly('/health'))
    expect(await client.listSimulations()).toEqual(await askPlainly('/simulations'))
    expect(await client.getSimulation(MARKET)).toEqual(await askPlainly(run))
    expect(await client.listEvents(MARKET)).toEqual(await askPlainly(`${run}/events`))
    expect(await client.getEvent(MARKET, id)).toEqual(await askPlainly(`${run}/events/${id}`))
    expect(await client.traceCausality(MARKET, id, { depth: 2, direction: 'upstream' })).toEqual(
      await askPlainly(`${run}/causality/${id}?depth=2&direction=upstream`),
    )
    expect(await client.getMetrics()).toContain('turnlog_sidecar_up 1')
    expect(await client.getOpenApi()).toEqual(await askPlainly('/openapi.json'))
  })

  it('asks for events by every filter there is', async () => {
    const market = readRun(FIXTURE, MARKET)
    const query = {
      start_timestamp: new Date('2025-10-04T14:24:00Z'),
      end_timestamp: '2025-10-04T16:30:00.000001+02:00',
      turn_start: 3,
      turn_end: 66,
      event_types: ['STATE', 'ACTION'],
      agent_ids: ['agent 6 & co/ñ', '国家_中国', 'nobody'],
      involving: ['agent 6 & co/ñ', '国家_中国'],
      kinds: ['sanction', 'trade'],
      order: 'desc',
      limit: 20,
      offset: 5,
      cursor: undefined,
    } as const satisfies EventsQuery
    const expected = filterNaively(
      market,
      {
        startTimestamp: parseTimestamp('2025-10-04T14:24:00Z'),
        endTimestamp: parseTimestamp(query.end_timestamp),
        turnStart: 3,
        turnEnd: 66,
        eventTypes: query.event_types,
        agentIds: query.agent_ids,
        involving: query.involving,
        kinds: query.kinds,
      },
      'desc',
    )
    const page = await client.listEvents(MARKET, query)
    expect(page.events.length).toBeGreaterThan(5)
    expect(page.events).toEqual(parsed(expected.slice(5, 25)))
    expect(page.total).toBe(expected.length)
  })

  it('gives no total where nothing is to be counted, and no key that is not asked for', async () => {
    const query = { q: 'trade -emoji', count: 'none', limit: 5 } as const
    const whole = await client.listEvents(MARKET, query)
    expect(whole.events).toHaveLength(5)
    expect(whole).toMatchObject({ total: null, has_more: true })
    const part = await client.listEvents(MARKET, { ...query, fields: ['turn_number', 'nothing'] })
    expect(part).toEqual({
      ...whole,
      events: whole.events.map(({ turn_number }) => ({ turn_number })),
    })
  })

  it.each([
    {},
    { order: 'desc', limit: 7 },
    { limit: 1999 },
    { limit: 500, offset: 3 },
    { event_types: ['DECISION'], limit: 100 },
  ] as const)('goes through all events that match %j', async (query) => {
    const {
      order,
      offset = 0,
      event_types: eventTypes,
    } = { order: 'asc' as const, event_types: undefined, ...query }
    const expected = filterNaively(readRun(FIXTURE, MARKET), { eventTypes }, order)
    expect(await collect(client.events(MARKET, query))).toEqual(parsed(expected.slice(offset)))
  })

  it('asks for no further page than is read', async () => {
    const asked: string[] = []
    const counting = new TurnlogClient({
      baseUrl: server.url,
      fetch: (url, init) => {
        asked.push(url)
        return fetch(url, init)
      },
    })
    for await (const event of counting.events(MARKET, { limit: 10 })) {
      if (event.turn_number > 0) break
    }
    const before = readRun(FIXTURE, MARKET).findIndex(({ turn }) => turn > 0)
    expect(asked).toHaveLength(Math.floor(before / 10) + 1)
    for (const url of asked) expect(new URL(url).searchParams.get('count')).toBe('none')
  })

  it.each(ODD_IDS)('finds the event %j', async (id) => {
    expect(await client.getEvent(ODD_RUN, id)).toMatchObject({ event_id: id })
    const { events } = await client.listEvents(ODD_RUN, { agent_ids: [id] })
    expect(events.map((event) => event.event_id)).toEqual([id])
  })

  it.each(['', '.', '..'])(
    'does not ask for the event %j, which would be something else',
    async (id) => {
      await expect(client.getEvent(MARKET, id)).rejects.toThrow(TypeError)
      await expect(client.getSimulation(id)).rejects.toThrow('no URL has a place for it')
    },
  )

  it('does not take a list of nothing for anything', async () => {
    await expect(client.listEvents(MARKET, { agent_ids: [] })).rejects.toThrow(
      'agent_ids is an empty list',
    )
  })

  it('takes a base URL with a path and with a slash at its end', async () => {
    const asked: string[] = []
    const proxied = new TurnlogClient({
      baseUrl: new URL('https://example.org/turnlog/'),
      fetch: (url, init) => {
        asked.push(url)
        return fetch(url.replace('https://example.org/turnlog', server.url), init)
      },
    })
    expect((await proxied.listSimulations()).simulations).toHaveLength(3)
    expect(asked).toEqual(['https://example.org/turnlog/simulations'])
  })

  it('takes no base URL that is none', () => {
    expect(() => new TurnlogClient({ baseUrl: 'localhost' })).toThrow(TypeError)
  })

  it('brings token and headers', async () => {
    const token = 'a-token-that-nobody-guesses'
    const guarded = await serve(indexed.reader, { settings: { tokens: [token] } })
    const { url: baseUrl } = guarded
    await expect(new TurnlogClient({ baseUrl }).getHealth()).rejects.toMatchObject({
      status: 401,
      code: 'UNAUTHORIZED',
    })
    const answers: Response[] = []
    const known = new TurnlogClient({
      baseUrl,
      token,
      headers: { 'X-Request-Id': 'mine' },
      fetch: async (url, init) => {
        const response = await fetch(url, init)
        answers.push(response)
        return response
      },
    })
    expect(await known.getHealth()).toMatchObject({ status: 'healthy' })
    expect(answers.map(({ headers }) => headers.get('X-Request-Id'))).toEqual(['mine'])
    await guarded.close()
  })

  it('reads JSON as it is told to', async () => {
    const exact = new TurnlogClient({
      baseUrl: server.url,
      parse: (json): unknown => JSON.parse(json.replaceAll(/\d{16,}/g, '"$&"')),
    })
    const rounded = { details: { new_value: 9007199254740992 } }
    expect(await client.getEvent(ODD_RUN, 'big')).toMatchObject(rounded)
    expect(await exact.getEvent(ODD_RUN, 'big')).toMatchObject({
      details: { new_value: '9007199254740993' },
    })
  })

  it('calls a request off', async () => {
    const reason = new Error('no longer wanted')
    const signal = AbortSignal.abort(reason)
    await expect(client.listSimulations({ signal })).rejects.toBe(reason)
    await expect(client.getMetrics({ signal })).rejects.toBe(reason)
    await expect(collect(client.events(MARKET, {}, { signal }))).rejects.toBe(reason)
    await expect(collect(client.streamEvents(MARKET, {}, { signal }))).rejects.toBe(reason)
  })
})
