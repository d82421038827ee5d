import { describe, expect, it } from 'vitest'
import type { Trace } from '#src/query/trace-causality.js'
import {
  eventLine,
  FIXTURE,
  IndexedRoot,
  MARKET,
  type RunLines,
  withIndexedRoot,
} from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import {
  expectTraceOfLines,
  idsOf,
  shortTrace,
  trace,
  type TraceOptions,
} from '../support/trace-check.js'

type Causes = Readonly<Record<string, readonly string[]>>

/** A run of the events named, in this order, with their causes. */
function runOf(causes: Causes): RunLines {
  const lines = Object.entries(causes).map(([id, named], index) =>
    eventLine({ id, causes: named, timestamp: timestampAt(index) }),
  )
  return { run: { 'events.jsonl': lines } }
}

function timestampAt(index: number): string {
  return `2025-10-04T14:23:45.${index.toString().padStart(6, '0')}+00:00`
}

function distancesOf(events: Trace['upstream']): Record<string, number> {
  return Object.fromEntries(events.map(({ eventId, depth }) => [eventId, depth]))
}

function onTrace(causes: Causes, check: (indexed: IndexedRoot) => Promise<void>): Promise<void> {
  return withIndexedRoot(runOf(causes), check)
}

/** Expects that a walk downstream is refused as a short read, and what comes of it otherwise. */
async function expectLongWalk(
  indexed: IndexedRoot,
  start: string,
  request: TraceOptions,
  downstream: readonly string[],
): Promise<void> {
  await expect(shortTrace(indexed, start, request)).rejects.toMatchObject({
    code: 'QUERY_TOO_BROAD',
  })
  const found = await trace(indexed, start, request)
  expect(idsOf(found.downstream)).toEqual(downstream)
  expect(found.truncated).toBe(true)
}

const CHAIN: Causes = { a: [], b: ['a'], c: ['b'], d: ['c'], e: ['d'] }

describe('traceCausality', () => {
  it('walks a chain both ways, with each distance', async () => {
    await onTrace(CHAIN, async (indexed) => {
      expect(await trace(indexed, 'c')).toEqual({
        eventId: 'c',
        text: eventLine({ id: 'c', causes: ['b'], timestamp: timestampAt(2) }),
        upstream: [
          {
            eventId: 'b',
            depth: 1,
            text: eventLine({ id: 'b', causes: ['a'], timestamp: timestampAt(1) }),
          },
          {
            eventId: 'a',
            depth: 2,
            text: eventLine({ id: 'a', causes: [], timestamp: timestampAt(0) }),
          },
        ],
        downstream: [
          expect.objectContaining({ eventId: 'd', depth: 1 }),
          expect.objectContaining({ eventId: 'e', depth: 2 }),
        ],
        links: [
          { cause: 'a', effect: 'b' },
          { cause: 'b', effect: 'c' },
          { cause: 'c', effect: 'd' },
          { cause: 'd', effect: 'e' },
        ],
        missing: [],
        truncated: false,
      })
    })
  })

  it('goes as deep as asked, and no deeper', async () => {
    await onTrace(CHAIN, async (indexed) => {
      for (let depth = 1; depth <= 5; depth++) {
        const { upstream, truncated } = await trace(indexed, 'e', { depth })
        expect(idsOf(upstream)).toEqual(['d', 'c', 'b', 'a'].slice(0, depth))
        expect(truncated).toBe(false)
      }
    })
  })

  it('goes only the way asked for', async () => {
    await onTrace(CHAIN, async (indexed) => {
      const up = await trace(indexed, 'c', { direction: 'upstream' })
      expect([idsOf(up.upstream), idsOf(up.downstream)]).toEqual([['b', 'a'], []])
      expect(up.links).toHaveLength(2)
      const down = await trace(indexed, 'c', { direction: 'downstream' })
      expect([idsOf(down.upstream), idsOf(down.downstream)]).toEqual([[], ['d', 'e']])
      expect(down.links).toHaveLength(2)
    })
  })

  it('gives each event of a diamond once, at its smallest distance', async () => {
    const diamond = { a: [], b: ['a'], c: ['b'], d: ['c', 'a'], e: ['d', 'b'] }
    await onTrace(diamond, async (indexed) => {
      const { upstream, links } = await trace(indexed, 'e')
      expect(distancesOf(upstream)).toEqual({ d: 1, b: 1, a: 2, c: 2 })
      expect(idsOf(upstream)).toEqual(['b', 'd', 'a', 'c'])
      expect(links).toHaveLength(6)
      const { downstream } = await trace(indexed, 'a')
      expect(distancesOf(downstream)).toEqual({ b: 1, d: 1, c: 2, e: 2 })
    })
  })

  it('ends on cycles, without the event it started from', async () => {
    await onTrace({ a: ['c'], b: ['a'], c: ['b'] }, async (indexed) => {
      const { upstream, downstream, links, truncated } = await trace(indexed, 'a', { depth: 20 })
      expect(distancesOf(upstream)).toEqual({ c: 1, b: 2 })
      expect(distancesOf(downstream)).toEqual({ b: 1, c: 2 })
      expect(links).toHaveLength(3)
      expect(truncated).toBe(false)
    })
  })

  it('takes an event that names itself as a link, not as an ancestor', async () => {
    await onTrace({ a: ['a'], b: ['a', 'b'] }, async (indexed) => {
      const { upstream, downstream, links } = await trace(indexed, 'a')
      expect([idsOf(upstream), idsOf(downstream)]).toEqual([[], ['b']])
      expect(links).toEqual([
        { cause: 'a', effect: 'a' },
        { cause: 'a', effect: 'b' },
        { cause: 'b', effect: 'b' },
      ])
    })
  })

  it('finds causes that are recorded after their effects, also in a later pass', async () => {
    await onTrace({ a: ['b', 'late'], b: [] }, async (indexed) => {
      expect(await trace(indexed, 'a')).toMatchObject({
        upstream: [{ eventId: 'b' }],
        missing: [{ cause: 'late', effect: 'a' }],
      })
      const late = eventLine({ id: 'late', timestamp: timestampAt(0) })
      await indexed.append({ run: { 'events.jsonl': [late] } })
      expect(await trace(indexed, 'a')).toMatchObject({
        upstream: [{ eventId: 'late' }, { eventId: 'b' }],
        missing: [],
      })
    })
  })

  it('lists causes nobody recorded, of the event and of what led to it', async () => {
    const dangling = { a: ['x'], b: ['a', 'y', 'x'], c: ['b'], aside: ['z'], below: ['c', 'w'] }
    await onTrace(dangling, async (indexed) => {
      const { missing } = await trace(indexed, 'c')
      expect(missing).toEqual([
        { cause: 'x', effect: 'a' },
        { cause: 'x', effect: 'b' },
        { cause: 'y', effect: 'b' },
      ])
      expect((await trace(indexed, 'c', { direction: 'downstream' })).missing).toEqual([])
    })
  })

  it('does not take an event of another run for a cause', async () => {
    const other: RunLines = { other: { 'events.jsonl': [eventLine({ id: 'a' })] } }
    await withIndexedRoot({ ...other, ...runOf({ b: ['a'] }) }, async (indexed) => {
      expect(await trace(indexed, 'b')).toMatchObject({
        upstream: [],
        missing: [{ cause: 'a', effect: 'b' }],
      })
      expect((await trace(indexed, 'a', {}, 'other')).downstream).toEqual([])
    })
  })

  it('keeps the nearest and earliest of a hub, and says that it left some out', async () => {
    const effects = Array.from(
      { length: 300 },
      (_, index) => `n${index.toString().padStart(3, '0')}`,
    )
    const hub: Causes = {
      hub: [],
      near: ['hub'],
      ...Object.fromEntries(effects.map((id) => [id, ['near']])),
    }
    await onTrace(hub, async (indexed) => {
      const some = await trace(indexed, 'hub', { maxNodes: 4, depth: 20 })
      expect(idsOf(some.downstream)).toEqual(['near', ...effects.slice(0, 3)])
      expect(some.truncated).toBe(true)
      const exactly = await trace(indexed, 'hub', { maxNodes: 301 })
      expect(exactly.downstream).toHaveLength(301)
      expect(exactly.truncated).toBe(false)
      expect(await trace(indexed, 'hub', { maxNodes: 300 })).toMatchObject({ truncated: true })
      expect(await trace(indexed, 'hub', { maxNodes: 1, depth: 1 })).toMatchObject({
        downstream: [{ eventId: 'near' }],
        truncated: false,
      })
    })
  })

  it('keeps the earliest of those that are equally near, whenever they were indexed', async () => {
    const effect = (index: number): string =>
      eventLine({ id: `e${index}`, causes: ['hub'], timestamp: timestampAt(index) })
    const at = (from: number): string[] => Array.from({ length: 100 }, (_, i) => effect(from + i))
    const hub = eventLine({ id: 'hub', timestamp: timestampAt(0) })
    await withIndexedRoot({ run: { 'events.jsonl': [hub, ...at(200)] } }, async (indexed) => {
      await indexed.append({ run: { 'events.jsonl': at(100) } })
      const { downstream, links } = await trace(indexed, 'hub', { maxNodes: 3 })
      expect(idsOf(downstream)).toEqual(['e100', 'e101', 'e102'])
      expect(links.map(({ effect: id }) => id)).toEqual(['e100', 'e101', 'e102'])
    })
  })

  it('gives links and missing causes of more events than SQLite takes parameters', async () => {
    const up = Array.from({ length: 10_000 }, (_, index) => `u${index}`)
    const down = Array.from({ length: 10_000 }, (_, index) => `d${index}`)
    const causes: Causes = {
      ...Object.fromEntries(up.map((id) => [id, [`missing of ${id}`]])),
      middle: up,
      ...Object.fromEntries(down.map((id) => [id, ['middle']])),
    }
    await onTrace(causes, async (indexed) => {
      const all = await trace(indexed, 'middle', { maxNodes: 10_000, depth: 20 })
      expect(all).toMatchObject({
        upstream: { length: 10_000 },
        downstream: { length: 10_000 },
        links: { length: 20_000 },
        missing: { length: 10_000 },
        truncated: false,
      })
    })
  })

  it('keeps the earliest of several hubs that are equally near', async () => {
    const hubs = ['first', 'second', 'third', 'fourth']
    const effects = hubs.flatMap((hub) => Array.from({ length: 20 }, (_, index) => [hub, index]))
    const causes: Causes = {
      start: [],
      ...Object.fromEntries(hubs.map((hub) => [hub, ['start']])),
      ...Object.fromEntries(effects.map(([hub, index]) => [`${hub} ${index}`, [String(hub)]])),
    }
    const expected = [...hubs, ...effects.slice(0, 6).map(([hub, index]) => `${hub} ${index}`)]
    await onTrace(causes, async (indexed) => {
      expect(idsOf((await trace(indexed, 'start', { maxNodes: 10 })).downstream)).toEqual(expected)
      await indexed.append({ run: { 'events.jsonl': [eventLine({ id: 'unordered' })] } })
      expect(idsOf((await trace(indexed, 'start', { maxNodes: 10 })).downstream)).toEqual(expected)
    })
  })

  it('takes an event once that every event of a level leads to', async () => {
    const effects = Array.from({ length: 20 }, (_, index) => `e${String(index + 10)}`)
    const level = ['a', 'b', 'c', 'd']
    const causes: Causes = {
      start: [],
      ...Object.fromEntries(level.map((id) => [id, ['start']])),
      ...Object.fromEntries(effects.map((id) => [id, level])),
    }
    await onTrace(causes, async (indexed) => {
      const { downstream, truncated } = await trace(indexed, 'start', { maxNodes: 12 })
      expect(idsOf(downstream)).toEqual([...level, ...effects.slice(0, 8)])
      expect(truncated).toBe(true)
    })
  })

  it('keeps the earliest of what a level leads to that is asked for in parts', async () => {
    const level = Array.from({ length: 10_000 }, (_, index) => `d${index}`)
    const causes: Causes = {
      start: [],
      ...Object.fromEntries(level.map((id) => [id, ['start']])),
      ...Object.fromEntries(level.map((id, index) => [`e${index}`, [id, `d${9_999 - index}`]])),
    }
    const request = { direction: 'downstream', maxNodes: 10_003 } as const
    const expected = [...level, 'e0', 'e1', 'e2']
    await onTrace(causes, async (indexed) => {
      expect(idsOf((await trace(indexed, 'start', request)).downstream)).toEqual(expected)
      await indexed.append({ run: { 'events.jsonl': [eventLine({ id: 'unordered' })] } })
      const { downstream, truncated } = await trace(indexed, 'start', request)
      expect(idsOf(downstream)).toEqual(expected)
      expect(truncated).toBe(true)
    })
  })

  it('looks at no more links than a short read may, unless it is given a limit of time', async () => {
    const effects = Array.from({ length: 20 }, (_, index) => `e${String(index + 10)}`)
    const level = Array.from({ length: 10 }, (_, index) => `l${index}`)
    const dense: Causes = {
      start: [],
      ...Object.fromEntries(level.map((id) => [id, ['start']])),
      ...Object.fromEntries(effects.map((id) => [id, level])),
    }
    await onTrace(dense, async (indexed) => {
      await expectLongWalk(indexed, 'start', { maxNodes: 15 }, [...level, ...effects.slice(0, 5)])
    })
  })

  it('keeps the earliest of a hub that is too large for a short read', async () => {
    const effects = Array.from({ length: 7_000 }, (_, index) => `e${String(index + 10_000)}`)
    const hub: Causes = {
      start: ['start'],
      ...Object.fromEntries(effects.map((id) => [id, ['start']])),
    }
    await onTrace(hub, async (indexed) => {
      const request = { maxNodes: 3, direction: 'downstream' } as const
      expect(idsOf((await shortTrace(indexed, 'start', request)).downstream)).toEqual(
        effects.slice(0, 3),
      )
      const early = eventLine({ id: 'early', causes: ['start'], timestamp: timestampAt(0) })
      await indexed.append({ run: { 'events.jsonl': [early] } })
      await expectLongWalk(indexed, 'start', request, ['early', ...effects.slice(0, 2)])
    })
  })

  it('says so when there is no such run or event', async () => {
    await onTrace(CHAIN, async (indexed) => {
      await expect(trace(indexed, 'nothing')).rejects.toMatchObject({ code: 'EVENT_NOT_FOUND' })
      await expect(trace(indexed, 'a', {}, 'nowhere')).rejects.toMatchObject({
        code: 'SIMULATION_NOT_FOUND',
      })
    })
  })

  it('walks a recorded run as a reading of every line does', async () => {
    const indexed = await IndexedRoot.ofFixture()
    try {
      const market = readRun(FIXTURE, MARKET)
      for (const { position } of market.filter((_, index) => index % 97 === 0)) {
        await expectTraceOfLines(
          indexed,
          market,
          position.eventId,
          { depth: 20, maxNodes: 10_000 },
          MARKET,
        )
      }
    } finally {
      await indexed.close()
    }
  })
})
