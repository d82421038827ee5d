import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyRoot } from '#indexer/verify-root.js'
import { RECORDED_EVENT_TYPES } from '#src/event/event-type.js'
import { parseTimestamp, type TimestampMicros } from '#src/event/timestamp.js'
import type { EventFilter } from '#src/query/event-filter.js'
import { encodeCursor, type PageOrder } from '#src/query/page-cursor.js'
import { anyFilter, anyPasses, indexPasses, RUNS, smallSizes } from '../support/any-runs.js'
import {
  eventLine,
  FIXTURE,
  IndexedRoot,
  MARKET,
  type RunLines,
  withIndexedRoot,
} from '../support/indexed-root.js'
import { filterNaively, type NaiveEvent, readRun } from '../support/naive.js'
import { readAllPages, readPage } from '../support/read-pages.js'

function linesOf(events: readonly NaiveEvent[]): string[] {
  return events.map(({ line }) => line)
}

function micros(text: string): TimestampMicros {
  const parsed = parseTimestamp(text)
  if (parsed === undefined) throw new Error(`${text} is no timestamp`)
  return parsed
}

const orders: readonly PageOrder[] = ['asc', 'desc']

describe('listEvents on a recorded run', () => {
  let indexed: IndexedRoot
  let market: NaiveEvent[]

  beforeAll(async () => {
    indexed = await IndexedRoot.ofFixture()
    market = readRun(FIXTURE, MARKET)
  })
  afterAll(() => indexed.close())

  function timestampAt(share: number): TimestampMicros {
    const event = market[Math.floor(share * (market.length - 1))]
    if (event === undefined) throw new Error('the fixture is empty')
    return event.position.timestamp
  }

  const filters: readonly (readonly [name: string, filter: () => EventFilter])[] = [
    ['nothing', () => ({})],
    ['start_timestamp', () => ({ startTimestamp: timestampAt(0.3) })],
    ['end_timestamp', () => ({ endTimestamp: timestampAt(0.6) })],
    ['both', () => ({ startTimestamp: timestampAt(0.3), endTimestamp: timestampAt(0.6) })],
    ['one instant', () => ({ startTimestamp: timestampAt(0.5), endTimestamp: timestampAt(0.5) })],
    ['an instant before all', () => ({ endTimestamp: micros('2000-01-01T00:00:00Z') })],
    ['turn_start', () => ({ turnStart: 40 })],
    ['turn_start at a bucket', () => ({ turnStart: 64 })],
    ['turn_end', () => ({ turnEnd: 40 })],
    ['turn_end at a bucket', () => ({ turnEnd: 63 })],
    ['turns within a bucket', () => ({ turnStart: 7, turnEnd: 9 })],
    ['turns over a bucket', () => ({ turnStart: 60, turnEnd: 66 })],
    ['one turn', () => ({ turnStart: 64, turnEnd: 64 })],
    ['turns beyond the last', () => ({ turnStart: 1_000 })],
    ['the largest turns', () => ({ turnStart: 0, turnEnd: Number.MAX_SAFE_INTEGER })],
    ['the last turn there can be', () => ({ turnStart: Number.MAX_SAFE_INTEGER })],
    ...RECORDED_EVENT_TYPES.map((type) => [type, () => ({ eventTypes: [type] })] as const),
    ['several types', () => ({ eventTypes: ['DECISION', 'ENV', 'STATE', 'DECISION'] })],
    ['an agent', () => ({ agentIds: ['agent_bob'] })],
    ['an agent with odd letters', () => ({ agentIds: ['agent 6 & co/ñ'] })],
    ['several agents', () => ({ agentIds: ['国家_中国', 'Großbank München', 'nobody'] })],
    ['an agent but for its case', () => ({ agentIds: ['AGENT_BOB'] })],
    ['an unknown agent', () => ({ agentIds: ['nobody'] })],
    ['type and agent', () => ({ eventTypes: ['ACTION'], agentIds: ['agent_7'] })],
    ['a kind', () => ({ kinds: ['turn_start'] })],
    ['several kinds', () => ({ kinds: ['turn_start', 'turn_end', 'nothing'] })],
    ['an unknown kind', () => ({ kinds: ['nothing'] })],
    ['who is involved', () => ({ involving: ['agent_bob', 'agent_7'] })],
    [
      'kind, type and who is involved',
      () => ({
        kinds: ['trade'],
        eventTypes: ['ACTION'],
        involving: ['agent_alice'],
      }),
    ],
    ['turns, type and agent', () => ({ turnStart: 3, eventTypes: ['ENV'], agentIds: ['agent_7'] })],
    [
      'everything',
      () => ({
        startTimestamp: timestampAt(0.1),
        endTimestamp: timestampAt(0.9),
        turnStart: 5,
        turnEnd: 66,
        eventTypes: ['DECISION', 'ACTION'],
        agentIds: ['agent_alice', 'agent-émilie'],
      }),
    ],
  ]

  it.each(filters)('finds what a reading of every line finds: %s', async (_name, makeFilter) => {
    const filter = makeFilter()
    for (const order of orders) {
      const expected = linesOf(filterNaively(market, filter, order))
      const all = await readPage(indexed, MARKET, { filter, order, limit: 10_000 })
      expect(all.events).toEqual(expected)
      expect(all).toMatchObject({ total: expected.length, hasMore: false, nextCursor: null })
      const some = await readPage(indexed, MARKET, { filter, order, limit: 13, offset: 29 })
      expect(some.events).toEqual(expected.slice(29, 42))
      expect(some).toMatchObject({ total: expected.length, hasMore: expected.length > 42 })
      expect(await readAllPages(indexed, MARKET, { filter, order, limit: 97 })).toEqual(expected)
    }
  })

  it('finds ENV by either of its names', async () => {
    for (const type of ['ENV', 'STATE'] as const) {
      expect(await readPage(indexed, MARKET, { filter: { eventTypes: [type] } })).toMatchObject({
        total: 487,
      })
    }
  })

  it('has a next page exactly while events are left', async () => {
    const exact = await readPage(indexed, MARKET, { limit: market.length })
    expect(exact).toMatchObject({ hasMore: false, nextCursor: null })
    const short = await readPage(indexed, MARKET, { limit: market.length - 1 })
    expect(short).toMatchObject({ hasMore: true, total: market.length })
    const beyond = await readPage(indexed, MARKET, { offset: Number.MAX_SAFE_INTEGER })
    expect(beyond).toEqual({ events: [], total: market.length, hasMore: false, nextCursor: null })
  })

  it('refuses a page of more bytes than an answer can have', async () => {
    const lines = Array.from({ length: 70 }, (_, id) => eventLine({ id: `${id}` }))
    await withIndexedRoot({ run: { 'events.jsonl': lines } }, async (own) => {
      const sidecar = new Database(own.db)
      sidecar.exec('UPDATE event SET length = 1024 * 1024')
      sidecar.close()
      await expect(readPage(own, 'run')).rejects.toMatchObject({
        code: 'QUERY_TOO_BROAD',
        message: expect.stringContaining('70 events have more than 64 MiB') as string,
      })
      expect(await readPage(own, 'run', { limit: 64 })).toMatchObject({ total: 70 })
    })
  })

  it('refuses a cursor that is not its own', async () => {
    const { nextCursor } = await readPage(indexed, MARKET, { limit: 5 })
    const ours = nextCursor ?? ''
    const spelled = (value: unknown): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url')
    const wrong: readonly (readonly [string, PageOrder])[] = [
      [ours, 'desc'],
      ['garbage', 'asc'],
      [ours.slice(0, -3), 'asc'],
      ['%%%', 'asc'],
      [spelled(null), 'asc'],
      [spelled([1, 'asc', 5]), 'asc'],
      [spelled([1, 'asc', 5, '']), 'asc'],
      [spelled([1, 'asc', 5, 'x', 'y']), 'asc'],
      [spelled([1, 'asc', 0.5, 'x']), 'asc'],
      [spelled([1, 'asc', 1e300, 'x']), 'asc'],
      [spelled([2, 'asc', 5, 'x']), 'asc'],
    ]
    for (const [cursor, order] of wrong) {
      await expect(readPage(indexed, MARKET, { cursor, order })).rejects.toMatchObject({
        code: 'CURSOR_INVALID',
      })
    }
  })

  it('goes on from a cursor whose event is not there', async () => {
    const between = market[700]?.position
    if (between === undefined) throw new Error('the fixture is too short')
    const cursor = encodeCursor('asc', { ...between, eventId: `${between.eventId}Z` })
    const { events } = await readPage(indexed, MARKET, { cursor, limit: 50 })
    expect(events).toEqual(linesOf(market.slice(701, 751)))
  })

  it('says so when there is no such run', async () => {
    await expect(readPage(indexed, 'nowhere')).rejects.toMatchObject({
      code: 'SIMULATION_NOT_FOUND',
    })
  })
})

describe('listEvents with a crowd of agents', () => {
  const CROWD = Array.from({ length: 33_000 }, (_, index) => `agent ${index}`)
  const lines = CROWD.map((agent, index) => eventLine({ id: agent, agent, turn: index % 100 }))

  it('takes more of them than SQLite takes parameters', async () => {
    await withIndexedRoot({ run: { 'events.jsonl': lines } }, async (indexed) => {
      const agentIds = [...CROWD.slice(1), ...CROWD.slice(1), 'nobody']
      expect(await readPage(indexed, 'run', { filter: { agentIds } })).toMatchObject({
        total: CROWD.length - 1,
        events: { length: 1_000 },
      })
      const turns = await readPage(indexed, 'run', { filter: { agentIds, turnEnd: 9 } })
      expect(turns.total).toBe(CROWD.length / 10 - 1)
    })
  })
})

describe('pages by cursor while the run changes', () => {
  const at = (index: number): string => `2025-01-01T00:00:00.${index.toString().padStart(6, '0')}Z`
  const line = (index: number, id = `E${index.toString().padStart(6, '0')}`): string =>
    eventLine({ id, timestamp: at(index) })
  const range = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, index) => line(from + index))
  const inActive = (lines: readonly string[]): RunLines => ({ run: { 'events.jsonl': lines } })

  it('show events that are appended meanwhile, each once', async () => {
    await withIndexedRoot(inActive(range(0, 50)), async (indexed) => {
      const read = await readAllPages(indexed, 'run', { limit: 10 }, async (page) => {
        if (page < 5) await indexed.append(inActive(range(50 + page * 7, 57 + page * 7)))
      })
      expect(read).toEqual(range(0, 85))
    })
  })

  it('go back over what was there, whatever is appended', async () => {
    await withIndexedRoot(inActive(range(0, 50)), async (indexed) => {
      const options = { limit: 10, order: 'desc' } as const
      const read = await readAllPages(indexed, 'run', options, async (page) => {
        await indexed.append(inActive(range(50 + page * 7, 57 + page * 7)))
      })
      expect(read).toEqual(range(0, 50).reverse())
    })
  })

  it('stay right when the sidecar is built anew between them', async () => {
    await withIndexedRoot(inActive(range(0, 30)), async (indexed) => {
      // So that row ids are others afterwards.
      await indexed.append({ another: { 'events.jsonl': range(0, 20) } })
      await indexed.append(inActive(range(30, 50)))
      const read = await readAllPages(indexed, 'run', { limit: 7 }, () => indexed.reindex())
      expect(read).toEqual(range(0, 50))
    })
  })

  it.each(orders)('stay right when events arrive out of order midway (%s)', async (order) => {
    await withIndexedRoot(inActive(range(0, 50)), async (indexed) => {
      const late = [line(5, 'LATE1'), line(20, 'A'), line(20, 'Z'), line(45, 'LATE2')]
      const read = await readAllPages(indexed, 'run', { limit: 10, order }, async (page) => {
        if (page === 1) await indexed.append(inActive(late))
      })
      // Two pages were read: what is late shows up where it lies ahead of them.
      const seen = order === 'asc' ? range(0, 20) : range(30, 50).reverse()
      const ahead = (candidate: string): boolean => !seen.includes(candidate)
      const all = readRun(indexed.root, 'run').map((event) => event.line)
      const expected = (order === 'asc' ? all : all.reverse()).filter(ahead)
      const passed = order === 'asc' ? [line(5, 'LATE1')] : [line(45, 'LATE2')]
      expect(read).toEqual([...seen, ...expected.filter((text) => !passed.includes(text))])
    })
  })

  it('keep to the order of ids where instants are the same', async () => {
    const ids = ['b', 'a', '10', '9', 'Z', 'é', '\u{1f600}', '\uff5e', 'aa']
    await withIndexedRoot(inActive(ids.map((id) => line(7, id))), async (indexed) => {
      await indexed.append(inActive([line(7, '0'), line(6, 'zz'), line(7, 'b0')]))
      const expected = readRun(indexed.root, 'run').map((event) => event.line)
      for (const order of orders) {
        const read = await readAllPages(indexed, 'run', { limit: 1, order })
        expect(read).toEqual(order === 'asc' ? expected : expected.toReversed())
      }
    })
  })
})

describe('listEvents on any events', () => {
  const question = fc.record({
    run: fc.constantFrom(...RUNS),
    filter: anyFilter,
    order: fc.constantFrom(...orders),
    limit: fc.integer({ min: 1, max: 40 }),
    offset: fc.nat({ max: 30 }),
  })

  it('gives the page and the total that a reading of every line gives', async () => {
    const questions = fc.array(question, { minLength: 8, maxLength: 8 })
    let matches = 0
    await fc.assert(
      fc.asyncProperty(anyPasses, questions, smallSizes, async (passes, asked, orderSizes) => {
        const indexed = new IndexedRoot({ orderSizes })
        const check = async (): Promise<void> => {
          for (const { run, filter, order, limit, offset } of asked) {
            const expected = linesOf(filterNaively(readRun(indexed.root, run), filter, order))
            const page = await readPage(indexed, run, { filter, order, limit, offset })
            expect(page.events).toEqual(expected.slice(offset, offset + limit))
            expect(page.total).toBe(expected.length)
            expect(page.hasMore).toBe(expected.length > offset + limit)
            expect(await readAllPages(indexed, run, { filter, order, limit })).toEqual(expected)
            matches += expected.length
          }
        }
        try {
          await indexPasses(indexed, passes, check)
          expect(verifyRoot(indexed).differences).toEqual([])
        } finally {
          await indexed.close()
        }
      }),
      { numRuns: 60 },
    )
    // Unless filters let something through, it tries too little.
    expect(matches).toBeGreaterThan(500)
  })
})
