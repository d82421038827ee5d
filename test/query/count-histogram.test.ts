import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseTimestamp, type TimestampMicros } from '#src/event/timestamp.js'
import { type Histogram, MAX_COUNTS } from '#src/query/bucket-counts.js'
import { countHistogram, type HistogramRequest } from '#src/query/count-histogram.js'
import { listEvents } from '#src/query/list-events.js'
import { WorkLimit } from '#src/query/work-limit.js'
import { anyFilter, anyPasses, indexPasses, RUNS, smallSizes } from '../support/any-runs.js'
import {
  eventLine,
  FIXTURE,
  IndexedRoot,
  MARKET,
  withIndexedRoot,
} from '../support/indexed-root.js'
import { type NaiveEvent, readRun } from '../support/naive.js'
import { countNaively } from '../support/naive-histogram.js'
import { saidEvent, saidFilter } from '../support/said-events.js'

const ACTIVE = 'events.jsonl'
const PLENTY_MS = 60_000

type Request = Partial<HistogramRequest>

function complete(request: Request): HistogramRequest {
  return { filter: {}, by: 'turn', buckets: 50, ...request }
}

async function count(
  { reader }: IndexedRoot,
  run: string,
  request: Request = {},
  limitMs = PLENTY_MS,
): Promise<Histogram> {
  return reader.read((snapshot) =>
    countHistogram(snapshot, run, complete(request), new WorkLimit({ limitMs })),
  )
}

function micros(text: string): TimestampMicros {
  const parsed = parseTimestamp(text)
  if (parsed === undefined) throw new Error(`${text} is no timestamp`)
  return parsed
}

describe('countHistogram on a recorded run', () => {
  let indexed: IndexedRoot
  let market: NaiveEvent[]

  beforeAll(async () => {
    indexed = await IndexedRoot.ofFixture()
    market = readRun(FIXTURE, MARKET)
  })
  afterAll(() => indexed.close())

  const requests: readonly Request[] = [
    {},
    { by: 'time' },
    { by: 'turn', buckets: 1 },
    { by: 'time', buckets: 1 },
    { by: 'turn', buckets: 1_000, split: 'type' },
    { by: 'time', buckets: 1_000, split: 'agent' },
    { by: 'turn', buckets: 7, split: 'agent', filter: { turnStart: 9, turnEnd: 64 } },
    { by: 'time', buckets: 7, split: 'type', filter: { turnStart: 9, turnEnd: 64 } },
    { filter: { startTimestamp: micros('2025-10-04T14:25:00Z') } },
    { by: 'time', filter: { endTimestamp: micros('2025-10-04T14:29:00Z') } },
    { split: 'type', filter: { agentIds: ['agent_bob', 'nobody'] } },
    { split: 'agent', filter: { eventTypes: ['STATE'], kinds: ['wealth', '海平面'] } },
    { by: 'time', split: 'agent', filter: { involving: ['国家_中国'] } },
  ]

  it.each(requests)('counts what a reading of every line counts: %j', async (request) => {
    expect(await count(indexed, MARKET, request)).toEqual(countNaively(market, complete(request)))
  })

  it('has no buckets where nothing matches', async () => {
    for (const filter of [{ agentIds: ['nobody'] }, { turnStart: 1_000 }, { kinds: [] }]) {
      for (const split of ['type', 'agent', undefined] as const) {
        const nothing = await count(indexed, MARKET, { filter, split })
        expect(nothing).toEqual({ total: 0, buckets: [] })
      }
    }
  })

  it('says so when there is no such run', async () => {
    await expect(count(indexed, 'nowhere')).rejects.toMatchObject({ code: 'SIMULATION_NOT_FOUND' })
  })
})

describe('countHistogram', () => {
  const line = (turn: number, agent?: string, type = 'DETAIL'): string =>
    eventLine({ id: `${turn} ${agent ?? ''}`, turn, agent, type })

  it('shows empty buckets between others, and the same ones whatever else is asked for', async () => {
    const lines = [line(0, 'anna'), line(1, 'anna'), line(9, 'ben')]
    await withIndexedRoot({ run: { [ACTIVE]: lines } }, async (indexed) => {
      const all = await count(indexed, 'run', { buckets: 5 })
      expect(all.buckets.map((bucket) => bucket.count)).toEqual([2, 0, 0, 0, 1])
      const ofBen = await count(indexed, 'run', { buckets: 5, filter: { agentIds: ['ben'] } })
      expect(ofBen).toEqual({
        total: 1,
        buckets: all.buckets.map((bucket, index) => ({ ...bucket, count: index === 4 ? 1 : 0 })),
      })
    })
  })

  it('tells types and agents apart, and what is of no agent', async () => {
    const lines = [line(0, '__proto__'), line(0), line(1, 'b', 'ENV'), line(1, '7', 'STATE')]
    await withIndexedRoot({ run: { [ACTIVE]: lines } }, async (indexed) => {
      const { buckets: byAgent } = await count(indexed, 'run', { split: 'agent' })
      expect(byAgent.map(({ split }) => Object.entries(split ?? {}))).toEqual([
        [
          ['', 1],
          ['__proto__', 1],
        ],
        [
          ['7', 1],
          ['b', 1],
        ],
      ])
      const { buckets: byType } = await count(indexed, 'run', { split: 'type' })
      expect(byType.map(({ split }) => split)).toEqual([{ DETAIL: 2 }, { ENV: 1, STATE: 1 }])
    })
  })

  it('is empty for a run without events', async () => {
    await withIndexedRoot({ run: { [ACTIVE]: [] } }, async (indexed) => {
      for (const by of ['turn', 'time'] as const) {
        expect(await count(indexed, 'run', { by })).toEqual({ total: 0, buckets: [] })
      }
    })
  })

  it('is refused where it would be too large, naming what to do', async () => {
    const crowd = 300
    const turns = Math.floor(MAX_COUNTS / crowd) + 1
    const lines = Array.from({ length: turns }, (_, turn) => line(turn, `agent ${turn % crowd}`))
    await withIndexedRoot({ run: { [ACTIVE]: lines } }, async (indexed) => {
      const request = { buckets: turns, split: 'agent' } as const
      const counting = count(indexed, 'run', request)
      await expect(counting).rejects.toMatchObject({ code: 'QUERY_TOO_BROAD' })
      await expect(counting).rejects.toThrow(/ask for fewer buckets, or for some agents only/)
      expect((await count(indexed, 'run', { ...request, buckets: turns - 1 })).total).toBe(turns)
      const ofSome = await count(indexed, 'run', { ...request, filter: { agentIds: ['agent 7'] } })
      expect(ofSome.buckets).toHaveLength(turns)
    })
  })

  it('ends when its time is up', async () => {
    await withIndexedRoot({ run: { [ACTIVE]: [line(0), line(5)] } }, async (indexed) => {
      await expect(count(indexed, 'run', {}, 0)).rejects.toMatchObject({ code: 'QUERY_TOO_BROAD' })
    })
  })
})

describe('countHistogram on any events', () => {
  const question = fc.record({
    run: fc.constantFrom(...RUNS),
    filter: anyFilter,
    by: fc.constantFrom('turn', 'time'),
    buckets: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(50, 1_000)),
    split: fc.constantFrom('type', 'agent', undefined),
  })

  it('counts each match once, in its bucket', async () => {
    const questions = fc.array(question, { minLength: 12, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(anyPasses, questions, smallSizes, async (passes, asked, orderSizes) => {
        const indexed = new IndexedRoot({ orderSizes })
        const check = async (): Promise<void> => {
          for (const { run, ...request } of asked) {
            const histogram = await count(indexed, run, request)
            expect(histogram).toEqual(countNaively(readRun(indexed.root, run), request))
            const counts = histogram.buckets.map((bucket) => bucket.count)
            expect(counts.reduce((sum, one) => sum + one, 0)).toBe(histogram.total)
            const { filter } = request
            const page = await indexed.reader.read((snapshot) =>
              listEvents(snapshot, run, { filter, order: 'asc', limit: 1 }),
            )
            expect(page.total).toBe(histogram.total)
          }
        }
        try {
          await indexPasses(indexed, passes, check)
        } finally {
          await indexed.close()
        }
      }),
      { numRuns: 60 },
    )
  })

  it('counts what has some words and values likewise', async () => {
    const questions = fc.array(
      fc.tuple(question, saidFilter).map(([asked, filter]) => ({ ...asked, filter, run: 'run' })),
      { minLength: 12, maxLength: 12 },
    )
    const events = fc.array(saidEvent, { minLength: 1, maxLength: 60 })
    let total = 0
    await fc.assert(
      fc.asyncProperty(events, questions, async (makers, asked) => {
        const lines = makers.map((makeLine, number) => makeLine(number))
        await withIndexedRoot({ run: { [ACTIVE]: lines } }, async (indexed) => {
          for (const { run, ...request } of asked) {
            const histogram = await count(indexed, run, request)
            expect(histogram).toEqual(countNaively(readRun(indexed.root, run), request))
            total += histogram.total
          }
        })
      }),
      { numRuns: 40 },
    )
    // Unless some filters let something through, it tries too little.
    expect(total).toBeGreaterThan(100)
  })
})
