import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EventsQuery, openStore, type RecordedEvent, type Store } from '#src/index.js'
import { getSimulation } from '#src/query/get-simulation.js'
import { listSimulations } from '#src/query/list-simulations.js'
import { IndexedRoot, MARKET } from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { ask, serve } from '../support/api-client.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { eventLine } from '../support/event-lines.js'

let indexed: IndexedRoot
let store: Store

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  store = openStore(indexed.root)
})
afterAll(async () => {
  await store.close()
  await indexed.close()
})

async function idsOf(query?: EventsQuery): Promise<string[]> {
  const ids: string[] = []
  for await (const { event_id: id } of store.events(MARKET, query)) ids.push(id)
  return ids
}

/** The events of the larger run that a filter is to find, in order. */
function expectedIds(matches: (event: RecordedEvent) => boolean): string[] {
  return readRun(indexed.root, MARKET)
    .filter(({ line }) => matches(JSON.parse(line) as RecordedEvent))
    .map(({ position }) => position.eventId)
}

describe('a store', () => {
  it('gives runs as the API does', async () => {
    expect(await store.simulations()).toEqual(
      await indexed.reader.read((snapshot) => listSimulations(snapshot)),
    )
    expect(await store.simulation('solo')).toEqual(
      await indexed.reader.read((snapshot) => getSimulation(snapshot, 'solo')),
    )
  })

  it.each<[string, EventsQuery | undefined, (event: RecordedEvent) => boolean]>([
    ['all', undefined, () => true],
    ['of turns', { turn_start: 3, turn_end: 5 }, ({ turn_number: turn }) => turn >= 3 && turn <= 5],
    [
      'of types',
      { event_types: ['DECISION', 'STATE'] },
      ({ event_type: type }) => ['DECISION', 'ENV'].includes(type),
    ],
    ['of an agent', { agent_ids: ['agent_bob'] }, ({ agent_id: agent }) => agent === 'agent_bob'],
    [
      'since a date',
      { start_timestamp: new Date('2025-10-04T14:30:00Z') },
      ({ timestamp }) => timestamp >= '2025-10-04T14:30',
    ],
    [
      'with a value in their details',
      { 'details.num_agents': 7 },
      ({ details }) => JSON.stringify(details).includes('"num_agents":7'),
    ],
  ])('gives events: %s', async (_, query, matches) => {
    const expected = expectedIds(matches)
    expect(expected.length).toBeGreaterThan(0)
    expect(await idsOf(query)).toEqual(expected)
  })

  it('gives the last ones first, and some of them', async () => {
    const all = expectedIds(() => true)
    expect(await idsOf({ order: 'desc', offset: 1, limit: 3 })).toEqual(all.slice(-4, -1).reverse())
    expect(await idsOf({ limit: 1_500 })).toEqual(all.slice(0, 1_500))
  })

  it('gives some keys of events', async () => {
    for await (const event of store.events('solo', { fields: ['event_id'], limit: 2 })) {
      expect(Object.keys(event)).toEqual(['event_id'])
    }
  })

  it('gives texts as they were recorded', async () => {
    const line = eventLine('a').replace('}', ',"n":1.0,"big":9007199254740993}')
    const odd = await IndexedRoot.of({ odd: { 'events.jsonl': [line] } })
    const oddStore = openStore('nowhere', { db: odd.db })
    expect(await oddStore.eventText('odd', 'a')).toBe(line)
    for await (const text of oddStore.eventTexts('odd')) expect(text).toBe(line)
    expect(await oddStore.event('odd', 'a')).toEqual(JSON.parse(line))
    await oddStore.close()
    await odd.close()
  })

  it('traces causality as the API does', async () => {
    const server = await serve(indexed.reader)
    const [id = ''] = expectedIds(({ event_type: type }) => type === 'ACTION')
    const path = `/simulations/${MARKET}/causality/${id}?depth=3&direction=upstream`
    const { text } = await ask(server.url, path)
    await server.close()
    const query = { depth: 3, direction: 'upstream' } as const
    expect(await store.traceText(MARKET, id, query)).toBe(text)
    expect(await store.trace(MARKET, id, query)).toEqual(JSON.parse(text))
  })

  it('can be closed twice, and without having been asked', async () => {
    const another = openStore(indexed.root)
    await another.close()
    await another.close()
  })

  it('is closed for good, also to loops that are under way', async () => {
    const another = openStore(indexed.root)
    expect(await another.simulations()).toHaveLength(2)
    const loop = another.events(MARKET)
    expect(await loop.next()).toMatchObject({ done: false })
    await another.close()
    await expect(another.simulations()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await expect(another.events('solo').next()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await expect(loop.next()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    expect(await loop.next()).toMatchObject({ done: true })
  })
})

/** Asks as somebody may whom no types hold back. */
async function fromJavaScript(query: unknown): Promise<unknown> {
  const events: unknown = Reflect.get(store, 'events')
  if (typeof events !== 'function') throw new TypeError('a store has events')
  return (Reflect.apply(events, store, ['solo', query]) as AsyncGenerator).next()
}

describe('a store refuses', () => {
  it.each([null, 5, 'DECISION'])('a query that is %j', async (query) => {
    await expect(fromJavaScript(query)).rejects.toMatchObject({
      code: 'FILTER_INVALID',
      message: `a query must be an object, not ${String(query)}`,
    })
  })

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'a turn that is none',
      { turn_start: 1.5 },
      'turn_start "1.5" must be a whole number from 0 to 9007199254740991',
    ],
    ['an unknown type', { event_types: ['DECISON'] }, 'event_types "DECISON" must be one of'],
    [
      'a date that is none',
      { end_timestamp: new Date(NaN) },
      'end_timestamp "Invalid Date" must be an ISO 8601 date',
    ],
    ['an empty list', { agent_ids: [] }, 'agent_ids must not be empty'],
    ['a word for a list', { agent_ids: 'a' }, 'agent_ids "a" '],
    ['bounds with nothing between them', { turn_start: 2, turn_end: 1 }, 'turn_end'],
    [
      'a field that is none',
      { turn_strat: 3 },
      '"turn_strat" is not a field of this query; did you mean turn_start?',
    ],
    [
      'a key that every object has',
      { constructor: 3 },
      '"constructor" is not a field of this query',
    ],
    ['a path that is none', { 'details.a..b': 1 }, 'details.a..b must name a key'],
    ['a cursor that is none', { cursor: 'x' }, 'cursor "x" was not made by turnlog'],
    ['everything that is wrong', { turn_start: -1, limit: 'x' }, '; '],
  ])('%s', async (_, query, message) => {
    await expect(fromJavaScript(query)).rejects.toMatchObject({
      code: 'FILTER_INVALID',
      message: expect.stringContaining(message) as unknown,
    })
  })

  it('a depth that is too large', async () => {
    await expect(store.trace('solo', 'x', { depth: 21 })).rejects.toMatchObject({
      code: 'FILTER_INVALID',
    })
  })

  it('a run and an event that are not there', async () => {
    const noRun = {
      code: 'SIMULATION_NOT_FOUND',
      hint: expect.stringContaining('did you mean solo?') as unknown,
    }
    await expect(store.simulation('sollo')).rejects.toMatchObject(noRun)
    await expect(store.events('sollo').next()).rejects.toMatchObject(noRun)
    await expect(store.event('solo', 'x')).rejects.toMatchObject({ code: 'EVENT_NOT_FOUND' })
    await expect(store.trace('solo', 'x')).rejects.toMatchObject({ code: 'EVENT_NOT_FOUND' })
  })

  it('a root without a sidecar', async () => {
    const none = openStore(join(temporaryDirectory(), 'output'))
    await expect(none.simulations()).rejects.toMatchObject({ code: 'SIDECAR_NOT_FOUND' })
  })
})
