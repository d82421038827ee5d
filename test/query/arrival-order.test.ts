import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ArrivalPlace,
  BEFORE_ALL,
  findArrival,
  findLastArrival,
  readArrivals,
  readLastRow,
  type RowId,
  type RowMark,
} from '#src/query/arrival-order.js'
import { readArrivedEvents } from '#src/query/arrived-events.js'
import { findSimulation } from '#src/query/simulation-row.js'
import type { Snapshot } from '#src/sidecar/sidecar-reader.js'
import { eventLine, type IndexedRoot, withIndexedRoot } from '../support/indexed-root.js'
import { readInFileOrder } from '../support/naive.js'

/** Reads on to the end. @returns the ids of events, and from where to go on */
async function readOn(
  { reader }: IndexedRoot,
  run: string,
  from: RowMark,
): Promise<{ ids: string[]; end: RowMark }> {
  return reader.read(async (snapshot) => {
    const simulation = await findSimulation(snapshot, run)
    const ids: string[] = []
    for (let end = from; ;) {
      const arrivals = await readArrivals(snapshot, simulation, end)
      if (arrivals === undefined) throw new Error('the mark is gone')
      if (arrivals.rows.length === 0 && arrivals.end.row === end.row) return { ids, end }
      const rows = arrivals.rows.map(({ id }) => id)
      const events = await readArrivedEvents(snapshot, simulation, rows, { searched: false })
      ids.push(...events.map(({ eventId }) => eventId))
      end = arrivals.end
    }
  })
}

async function findPlace({ reader }: IndexedRoot, run: string, id: string): Promise<ArrivalPlace> {
  const place = await reader.read(async (snapshot) =>
    findArrival(snapshot, await findSimulation(snapshot, run), id),
  )
  if (place === undefined) throw new Error(`there is no event ${id}`)
  return place
}

async function findLast({ reader }: IndexedRoot, run: string): Promise<string | RowId> {
  return reader.read(async (snapshot: Snapshot) => {
    const simulation = await findSimulation(snapshot, run)
    let found: string | RowId = (await readLastRow(snapshot)).row
    while (typeof found === 'number' && found > 0) {
      found = await findLastArrival(snapshot, simulation, found)
    }
    return found
  })
}

/** What stands behind an event, and behind every one, must be what stands behind it in the files. */
async function expectFileOrder(
  indexed: IndexedRoot,
  run: string,
  places: readonly number[],
): Promise<void> {
  const expected = readInFileOrder(indexed.root, run).map(({ position }) => position.eventId)
  expect((await readOn(indexed, run, BEFORE_ALL)).ids).toEqual(expected)
  expect(await findLast(indexed, run)).toBe(expected.at(-1) ?? 0)
  for (const place of places) {
    const id = expected[place % expected.length]
    if (id === undefined) return
    const { after, isEarlier } = await findPlace(indexed, run, id)
    const { ids } = await readOn(indexed, run, after)
    const behind = isEarlier ? ids.slice(ids.indexOf(id) + 1) : ids
    if (isEarlier) expect(ids).toContain(id)
    expect(behind).toEqual(expected.slice((place % expected.length) + 1))
  }
}

function lineAt(id: string, micros: number): string {
  const timestamp = `2026-01-01T00:00:00.${String(micros).padStart(6, '0')}Z`
  return eventLine({ id, timestamp })
}

describe('the order of arrival', () => {
  it('is that of the lines, whatever their times, the blocks and the sidecar', async () => {
    const passes = fc.array(
      fc.record({
        run: fc.constantFrom('a', 'b'),
        times: fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 30 }),
        seals: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    )
    const places = fc.array(fc.nat({ max: 300 }), { minLength: 3, maxLength: 3 })
    const blockBytes = fc.integer({ min: 1, max: 2_000 })
    await fc.assert(
      fc.asyncProperty(passes, places, blockBytes, async (written, asked, size) => {
        const first = [lineAt('first', 25)]
        const runs = { a: { 'events.jsonl': first }, b: { 'events.jsonl': first } }
        const check = async (indexed: IndexedRoot): Promise<void> => {
          for (const [pass, { run, times, seals }] of written.entries()) {
            const lines = times.map((time, index) => lineAt(`${pass}-${index}`, time))
            if (seals) indexed.seal(run, `events_${pass}.jsonl`)
            await indexed.append({ [run]: { 'events.jsonl': lines } })
          }
          for (const run of ['a', 'b']) await expectFileOrder(indexed, run, asked)
          await indexed.reindex()
          for (const run of ['a', 'b']) await expectFileOrder(indexed, run, asked)
        }
        await withIndexedRoot(runs, check, { blockBytes: size })
      }),
      { numRuns: 40 },
    )
  })

  it.each([
    ['in order', (index: number) => index],
    ['backwards', (index: number) => 50_000 - index],
    ['in pairs that are swapped', (index: number) => index ^ 1],
    ['each a little late or early', (index: number) => index + ((index * 7_919) % 13)],
    ['all over the place', (index: number) => (index * 7_919) % 50_000],
  ])('is that of many lines in several blocks, %s', async (_name, timeOf) => {
    const lines = Array.from({ length: 50_000 }, (_, index) => lineAt(`e${index}`, timeOf(index)))
    const others = Array.from({ length: 3_000 }, (_, index) => lineAt(`o${index}`, index))
    const runs = { other: { 'events.jsonl': others }, run: { 'events.jsonl': lines } }
    await withIndexedRoot(runs, async (indexed) => {
      await expectFileOrder(indexed, 'run', [0, 25_001, 49_999])
      await expectFileOrder(indexed, 'other', [2_999])
    })
  })

  it('goes on with what arrives later', async () => {
    const runs = { run: { 'events.jsonl': [lineAt('a', 3), lineAt('b', 2)] } }
    await withIndexedRoot(runs, async (indexed) => {
      const { end } = await readOn(indexed, 'run', BEFORE_ALL)
      const more = [lineAt('c', 4), lineAt('d', 1)]
      await indexed.append({ another: { 'events.jsonl': more } })
      await indexed.append({ run: { 'events.jsonl': more } })
      expect((await readOn(indexed, 'run', end)).ids).toEqual(['c', 'd'])
    })
  })

  it('tells when the row of a mark was taken out and its number given again', async () => {
    const runs = {
      run: { 'events.jsonl': [lineAt('a', 1)] },
      'run to go': { 'events.jsonl': [lineAt('x', 1), lineAt('y', 1)] },
    }
    await withIndexedRoot(runs, async (indexed) => {
      const { end } = await readOn(indexed, 'run', BEFORE_ALL)
      await indexed.append({ run: { 'events.jsonl': [lineAt('b', 1)] } })
      expect((await readOn(indexed, 'run', end)).ids).toEqual(['b'])
      indexed.remove('run to go')
      indexed.remove('run')
      await indexed.append({
        run: { 'events.jsonl': ['c', 'd', 'e', 'f'].map((id) => lineAt(id, 1)) },
      })
      await expect(readOn(indexed, 'run', end)).rejects.toThrow('the mark is gone')
    })
  })

  it('knows no event that the run does not have', async () => {
    await withIndexedRoot({ run: { 'events.jsonl': [lineAt('a', 1)] } }, async ({ reader }) => {
      const found = await reader.read(async (snapshot) =>
        findArrival(snapshot, await findSimulation(snapshot, 'run'), 'b'),
      )
      expect(found).toBeUndefined()
    })
  })
})
