import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EventPage, listEvents } from '#src/query/list-events.js'
import { matchingRows } from '#src/query/matching-rows.js'
import { decodeSearchQuery, type SearchQuery } from '#src/query/search-query.js'
import { findSimulation } from '#src/query/simulation-row.js'
import { WorkLimit } from '#src/query/work-limit.js'
import type { EventFilter } from '#src/query/event-filter.js'
import { eventLine, IndexedRoot, type RunLines, withIndexedRoot } from '../support/indexed-root.js'
import { filterNaively, type NaiveEvent, readRun } from '../support/naive.js'
import { readAllPages, readPage } from '../support/read-pages.js'
import { saidEvent, saidFilter } from '../support/said-events.js'
import { fillSearchIndex } from '../support/search-index.js'

const orders = ['asc', 'desc'] as const

function linesOf(events: readonly NaiveEvent[]): string[] {
  return events.map(({ line }) => line)
}

function searchFor(text: string): SearchQuery {
  const query = decodeSearchQuery(text)
  if ('problem' in query) throw new Error(query.problem)
  return query
}

/** Its time is up from the start, and it does not throw. */
class PatientLimit extends WorkLimit {
  constructor() {
    super({ limitMs: 0 })
  }

  override pause(): Promise<void> {
    return this.giveWay()
  }
}

/** Has no end, and counts how often others could have had their turn. */
class CountedLimit extends WorkLimit {
  rests = 0

  constructor() {
    super({ limitMs: Infinity })
  }

  override pause(): Promise<void> {
    this.rests++
    return super.pause()
  }
}

/** A question about one of the runs `a` and `b`. */
const question = fc.record({
  run: fc.constantFrom('a', 'b'),
  filter: saidFilter,
  order: fc.constantFrom(...orders),
  count: fc.constantFrom('exact' as const, 'none' as const),
  limit: fc.integer({ min: 1, max: 40 }),
  offset: fc.nat({ max: 30 }),
})
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never

/** Expects the page and the total that a reading of every line gives. */
async function checkAnswer(
  indexed: IndexedRoot,
  events: readonly NaiveEvent[],
  { run, offset, ...options }: Question,
): Promise<void> {
  const expected = linesOf(filterNaively(events, options.filter, options.order))
  const page = await readPage(indexed, run, { ...options, offset })
  expect(page.events).toEqual(expected.slice(offset, offset + options.limit))
  expect(page.total).toBe(options.count === 'exact' ? expected.length : null)
  const hasMore = expected.length > offset + options.limit
  // Where matches are not counted, it says whether there may be more.
  if (options.count === 'exact' || hasMore) expect(page.hasMore).toBe(hasMore)
  const counts: (number | null)[] = []
  const limit = Math.max(options.limit, Math.ceil(expected.length / 5))
  expect(
    await readAllPages(indexed, run, { ...options, limit }, (_, { total }) => counts.push(total)),
  ).toEqual(expected)
  expect(counts.every((total) => total === page.total)).toBe(true)
  expect(await countRows(indexed, run, options.filter)).toBe(expected.length)
}

async function countRows(
  { reader }: IndexedRoot,
  run: string,
  filter: EventFilter,
): Promise<number> {
  return reader.read(async (snapshot) => {
    const simulation = await findSimulation(snapshot, run)
    const rows = new Set<number>()
    const limit = new WorkLimit({ limitMs: Infinity })
    for await (const part of matchingRows(snapshot, simulation, filter, limit)) {
      for (const row of part) rows.add(row)
    }
    return rows.size
  })
}

/** The tests say themselves how far the full-text index comes. */
async function withoutSearchIndex(
  runs: RunLines,
  check: (indexed: IndexedRoot) => Promise<void>,
): Promise<void> {
  await withIndexedRoot(runs, check, { search: false })
}

describe('events that say something', () => {
  it('are those that a reading of every line finds, however far the index has come', async () => {
    const pass = fc.array(fc.tuple(fc.constantFrom('a', 'b'), saidEvent), { maxLength: 40 })
    const passes = fc.array(fc.tuple(pass, fc.nat({ max: 60 })), { minLength: 1, maxLength: 3 })
    const questions = fc.array(question, { minLength: 8, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(passes, questions, async (events, asked) => {
        const first = { 'events.jsonl': [eventLine({ id: '0' })] }
        const started = { a: first, b: first }
        await withoutSearchIndex(started, async (indexed) => {
          let number = 0
          for (const [lines, indexedEvents] of events) {
            for (const [run, makeLine] of lines) {
              indexed.write(run, 'events.jsonl', `${makeLine(number++)}\n`)
            }
            await indexed.index()
            fillSearchIndex(indexed.db, indexedEvents)
            for (const one of asked) await checkAnswer(indexed, readRun(indexed.root, one.run), one)
          }
        })
      }),
      { numRuns: 60 },
    )
  })

  it('are found among thousands, be their words rare or frequent', async () => {
    const makers = fc.sample(saidEvent, { numRuns: 6_000, seed: 7 })
    const lines = makers.map((makeLine, number) => makeLine(number))
    const runs = { a: lines.slice(0, 3_000), b: lines.slice(3_000) }
    const start = { a: { 'events.jsonl': runs.a.slice(0, 2_500) }, b: { 'events.jsonl': runs.b } }
    await withoutSearchIndex(start, async (indexed) => {
      fillSearchIndex(indexed.db)
      await indexed.append({ a: { 'events.jsonl': runs.a.slice(2_500) } })
      const events = { a: readRun(indexed.root, 'a'), b: readRun(indexed.root, 'b') }
      await fc.assert(
        fc.asyncProperty(question, async (asked) => {
          await checkAnswer(indexed, events[asked.run], asked)
        }),
        { numRuns: 150 },
      )
    })
  })
})

describe('words in details', () => {
  const spelled = String.raw`{"a\u0000b":"tab\tcr\rline\nbreak\u00e9\/slash\\nback\"quote\u0000nul","deep":[1.0,1e22,true,null],"c":"\ud83d\ude00 \ud83d x"}`
  const line = `${eventLine({ id: 'e', type: 'DETAIL' }).slice(0, -1)},"details":${spelled}}`
  const words = [
    'tab',
    'cr',
    'line',
    'breake',
    'slash',
    'nback',
    'quote',
    'nul',
    'deep',
    '"1 0"',
    '1e22',
    'true',
    'null',
    'x',
  ]
  const others = ['t', 'ttab', 'nline', 'nbreak', 'u0000', '00e9', 'u00e9', 'd83d', 'ntrue']

  it.each([false, true])('are what they spell (in the index: %s)', async (isIndexed) => {
    await withoutSearchIndex({ run: { 'events.jsonl': [line] } }, async (indexed) => {
      if (isIndexed) fillSearchIndex(indexed.db)
      for (const [all, total] of [
        [words, 1],
        [others, 0],
      ] as const) {
        for (const word of all) {
          const page = await readPage(indexed, 'run', { filter: { search: searchFor(word) } })
          expect({ word, total: page.total }).toEqual({ word, total })
        }
      }
    })
  })
})

describe('a search in a long run', () => {
  const EVENTS = 24_000
  let indexed: IndexedRoot
  let events: NaiveEvent[]

  beforeAll(async () => {
    const lines = Array.from({ length: EVENTS }, (_, number) =>
      JSON.stringify({
        event_id: number.toString().padStart(6, '0'),
        timestamp: '2025-10-04T14:23:45.000001+00:00',
        turn_number: Math.floor(number / 100),
        event_type: number % 7 === 0 ? 'ACTION' : 'DETAIL',
        agent_id: `agent ${number % 50}`,
        description: `common ${number % 2 === 0 ? 'even' : 'odd'}${number % 6_000 === 77 ? ' rare' : ''}`,
        details: { number, word: `n${number}`, half: number / 2 },
      }),
    )
    const runs = {
      run: { 'events.jsonl': lines },
      other: { 'events.jsonl': lines.slice(0, 50) },
    }
    indexed = await IndexedRoot.of(runs, { search: false })
    fillSearchIndex(indexed.db)
    events = readRun(indexed.root, 'run')
  })
  afterAll(() => indexed.close())

  it.each([
    ['common'],
    ['common even'],
    ['"common odd" -rare'],
    ['even odd'],
    ['rare'],
    ['rar* -even'],
    ['n123*'],
    ['n*'],
    ['common -n*'],
    ['"even rar"*'],
    ['nowhere'],
    ['nowher*'],
  ])('for %s finds what a reading of every line finds', async (text) => {
    const search = searchFor(text)
    const sparse = { eventTypes: ['ACTION'], agentIds: ['agent 7', 'agent 14'] } as const
    for (const filter of [
      { search },
      { search, turnStart: 100, turnEnd: 229 },
      { search, ...sparse },
    ]) {
      for (const order of orders) {
        const expected = linesOf(filterNaively(events, filter, order))
        const page = await readPage(indexed, 'run', { filter, order, limit: 20 })
        expect(page.events).toEqual(expected.slice(0, 20))
        expect(page.total).toBe(expected.length)
        const options = { filter, order, count: 'none', limit: 7_000 } as const
        expect(await readAllPages(indexed, 'run', options)).toEqual(expected)
      }
    }
  })

  it('finds an event by a number in its details, in whatever spelling', async () => {
    const details = [{ path: ['half'], value: '4500.0' }]
    const page = await readPage(indexed, 'run', { filter: { details } })
    expect(page).toMatchObject({ events: [events[9_000]?.line], total: 1 })
  })

  it('looks at no more events than it takes to fill a page without a total', async () => {
    const request = { filter: { search: searchFor('common') }, order: 'asc', limit: 3 } as const
    const countRests = async (count: 'exact' | 'none'): Promise<number> => {
      const limit = new CountedLimit()
      await indexed.reader.read((snapshot) =>
        listEvents(snapshot, 'run', { ...request, count }, limit),
      )
      return limit.rests
    }
    expect((await countRests('exact')) - (await countRests('none'))).toBeGreaterThan(3)
  })

  it('looks at few long events at once', async () => {
    const line = (id: number): string => eventLine({ id: `${id}`, details: { long: true } })
    const lines = Array.from({ length: 100 }, (_, id) => line(id))
    await withIndexedRoot({ run: { 'events.jsonl': lines } }, async (own) => {
      const sidecar = new Database(own.db)
      sidecar.exec('UPDATE event SET length = 400000')
      sidecar.close()
      const limit = new CountedLimit()
      const filter = { details: [{ path: ['long'], value: 'true' }] }
      const page = await own.reader.read((snapshot) =>
        listEvents(snapshot, 'run', { filter, order: 'asc', limit: 3 }, limit),
      )
      expect(page.total).toBe(100)
      expect(limit.rests).toBeGreaterThan(15)
    })
  })

  it('ends a page without a total when the time is up, and goes on behind it', async () => {
    const filter = { search: searchFor('n* -common') }
    const pages: EventPage[] = []
    let cursor: string | undefined
    do {
      const request = { filter, order: 'asc', limit: 3, count: 'none', cursor } as const
      const page = await indexed.reader.read((snapshot) =>
        listEvents(snapshot, 'run', request, new PatientLimit()),
      )
      expect(page.hasMore).toBe(page.nextCursor !== null)
      pages.push(page)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    const expected = linesOf(filterNaively(events, filter, 'asc'))
    expect(pages.flatMap((page) => page.events)).toEqual(expected)
  })

  it('is given up when a total takes too long', async () => {
    const filter = { search: searchFor('n* -common') }
    const limit = new WorkLimit({ limitMs: 0 })
    const reading = indexed.reader.read((snapshot) =>
      listEvents(snapshot, 'run', { filter, order: 'asc', limit: 3 }, limit),
    )
    await expect(reading).rejects.toMatchObject({ code: 'QUERY_TOO_BROAD' })
  })

  it('is refused while thousands of events are not in the index', async () => {
    const late = Array.from({ length: 5_001 }, (_, number) =>
      JSON.stringify({
        event_id: `late ${number}`,
        timestamp: '2025-10-04T14:24:45.000001+00:00',
        turn_number: 0,
        event_type: 'DETAIL',
        description: number === 0 ? 'rare' : 'late',
      }),
    )
    await indexed.append({ late: { 'events.jsonl': late } })
    const filter = { search: searchFor('rare') }
    await expect(readPage(indexed, 'late', { filter })).rejects.toMatchObject({
      code: 'SEARCH_UNAVAILABLE',
      message: 'more than 5000 events of "late" are not in the full-text index yet',
    })
    // What other runs lack does not matter.
    expect(await readPage(indexed, 'run', { filter })).toMatchObject({ total: 4 })
    fillSearchIndex(indexed.db, 1)
    expect(await readPage(indexed, 'late', { filter })).toMatchObject({ total: 1 })
    expect(
      await readPage(indexed, 'late', { filter: { search: searchFor('lat*') } }),
    ).toMatchObject({
      total: 5_000,
    })
  })
})
