import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventSearch } from '#src/query/event-search.js'
import type { RowSpan } from '#src/query/row-spans.js'
import type { SearchQuery } from '#src/query/search-query.js'
import { findSimulation } from '#src/query/simulation-row.js'
import type { Snapshot } from '#src/sidecar/sidecar-reader.js'
import { withIndexedRoot } from '../support/indexed-root.js'
import { saidEvent, saidSearch } from '../support/said-events.js'
import { fillSearchIndex } from '../support/search-index.js'

const EVENTS = 600
/** Up to this row the index has come. */
const INDEXED = 500
const span: RowSpan = { first: 1, last: EVENTS }
const rest = (): Promise<void> => Promise.resolve()

/** Whether the index is asked for a whole search, or for one word after the other. */
const WAYS = { whole: Infinity, inParts: 0 }

async function openSearch(
  snapshot: Snapshot,
  query: SearchQuery,
  mostSteps: number,
): Promise<EventSearch> {
  const simulation = await findSimulation(snapshot, 'run')
  return EventSearch.open(snapshot, query, { simulation, span, rest, mostSteps })
}

describe('a search of the index', () => {
  it('finds the same as a whole and in parts', async () => {
    const lines = fc.sample(saidEvent, { numRuns: EVENTS, seed: 11 }).map((make, at) => make(at))
    const run = { run: { 'events.jsonl': lines } }
    const someRows = fc.subarray(Array.from({ length: EVENTS }, (_, index) => index + 1))
    let found = 0
    await withIndexedRoot(
      run,
      async ({ db, reader }) => {
        fillSearchIndex(db, INDEXED)
        const property = fc.asyncProperty(saidSearch, someRows, async (query, rows) => {
          await reader.read(async (snapshot) => {
            const whole = await openSearch(snapshot, query, WAYS.whole)
            const inParts = await openSearch(snapshot, query, WAYS.inParts)
            const all = await whole.findAll(EVENTS, span, rest)
            found += all?.length ?? 0
            expect(await inParts.findAll(EVENTS, span, rest)).toEqual(all)
            expect(await inParts.narrow(rows)).toEqual(await whole.narrow(rows))
          })
        })
        await fc.assert(property, { numRuns: 300 })
      },
      { search: false },
    )
    expect(found).toBeGreaterThan(1_000)
  })

  it('gives up in parts only where every word is frequent', async () => {
    const line = (number: number): string =>
      JSON.stringify({
        event_id: `${number}`.padStart(4, '0'),
        timestamp: '2025-06-01T00:00:00Z',
        turn_number: 0,
        event_type: 'DETAIL',
        description: `common ${number % 2 === 0 ? 'even' : 'odd'}${number === 77 ? ' rare' : ''}`,
      })
    const lines = Array.from({ length: EVENTS }, (_, number) => line(number))
    const term = (text: string): SearchQuery['wanted'][number] => ({ text, isPrefix: false })
    await withIndexedRoot({ run: { 'events.jsonl': lines } }, async ({ reader }) => {
      await reader.read(async (snapshot) => {
        const find = async (wanted: readonly string[], unwanted: readonly string[] = []) => {
          const query = { wanted: wanted.map(term), unwanted: unwanted.map(term) }
          const search = await openSearch(snapshot, query, WAYS.inParts)
          return search.findAll(100, span, rest)
        }
        expect(await find(['common', 'even'])).toBeUndefined()
        expect(await find(['common', 'odd', 'rare'])).toEqual([78])
        expect(await find(['odd rare', 'common'], ['even'])).toEqual([78])
        expect(await find(['rare odd', 'common'])).toEqual([])
        expect(await find(['rare'], ['odd'])).toEqual([])
      })
    })
  })
})
