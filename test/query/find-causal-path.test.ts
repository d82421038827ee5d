import { describe, expect, it } from 'vitest'
import {
  eventLine,
  FIXTURE,
  IndexedRoot,
  MARKET,
  type RunLines,
  withIndexedRoot,
} from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { expectPathOfLines, findPath, idsOfLines } from '../support/path-check.js'

type Causes = Readonly<Record<string, readonly string[]>>

/** The lines of the events named, each a microsecond after the one before. */
function linesOf(causes: Causes): string[] {
  return Object.entries(causes).map(([id, named], index) =>
    eventLine({
      id,
      causes: named,
      timestamp: `2025-10-04T14:23:45.${index.toString().padStart(6, '0')}+00:00`,
    }),
  )
}

function runOf(causes: Causes): RunLines {
  return { run: { 'events.jsonl': linesOf(causes) } }
}

/** A line before all others, so that the rows of the run are not in its order. */
const EARLY = eventLine({ id: 'before all', timestamp: '2025-10-04T14:23:44+00:00' })

/** Checks on a run whose rows are in the order of events, and on one with the same events where they are not. */
async function onBothKinds(
  causes: Causes,
  check: (indexed: IndexedRoot) => Promise<void>,
): Promise<void> {
  await withIndexedRoot(runOf(causes), async (indexed) => {
    await check(indexed)
    await indexed.append({ run: { 'events.jsonl': [EARLY] } })
    await check(indexed)
  })
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => prefix + String(index).padStart(5, '0'))

describe('findCausalPath', () => {
  it('gives the events from the cause to the effect, as their lines spell them', async () => {
    const chain = { a: [], b: ['a'], c: ['b', 'x'], d: ['c'] }
    await withIndexedRoot(runOf(chain), async (indexed) => {
      expect(await findPath(indexed, 'a', 'd')).toEqual(linesOf(chain))
      expect(idsOfLines(await findPath(indexed, 'b', 'c'))).toEqual(['b', 'c'])
    })
  })

  it('takes an event for a path to itself, whatever its links', async () => {
    await onBothKinds({ a: ['a', 'b'], b: ['a'] }, async (indexed) => {
      expect(idsOfLines(await findPath(indexed, 'a', 'a'))).toEqual(['a'])
      expect(idsOfLines(await findPath(indexed, 'b', 'b'))).toEqual(['b'])
    })
  })

  it('takes the shortest of several', async () => {
    const causes = { a: [], b: ['a'], c: ['b'], d: ['c', 'short'], short: ['a'], e: ['d', 'c'] }
    await onBothKinds(causes, async (indexed) => {
      expect(idsOfLines(await findPath(indexed, 'a', 'd'))).toEqual(['a', 'short', 'd'])
      expect(idsOfLines(await findPath(indexed, 'a', 'e'))).toEqual(['a', 'b', 'c', 'e'])
    })
  })

  it('takes the earliest cause at each step from the effect where several are as short', async () => {
    const diamonds = {
      a: [],
      b1: ['a'],
      b2: ['a'],
      c1: ['b2'],
      c2: ['b2', 'b1'],
      d: ['c2', 'c1'],
      e2: ['d'],
      e1: ['d'],
      f: ['e1', 'e2'],
    }
    await onBothKinds(diamonds, async (indexed) => {
      // By way of b1 it would be as short; c1 is before c2, and has the cause b2 alone.
      expect(idsOfLines(await findPath(indexed, 'a', 'd'))).toEqual(['a', 'b2', 'c1', 'd'])
      expect(idsOfLines(await findPath(indexed, 'a', 'f'))).toEqual([
        'a',
        'b2',
        'c1',
        'd',
        'e2',
        'f',
      ])
    })
  })

  it('does not take an earlier cause that nothing on the way leads to', async () => {
    const causes = { dead: [], a: [], early: ['dead'], b: ['a'], c: ['b'], d: ['early', 'c'] }
    await onBothKinds(causes, async (indexed) => {
      expect(idsOfLines(await findPath(indexed, 'a', 'd'))).toEqual(['a', 'b', 'c', 'd'])
    })
  })

  it('compares by time, not by when events were recorded', async () => {
    const at = (second: number): string => `2025-10-04T14:23:4${second}+00:00`
    const lines = [
      eventLine({ id: 'a', timestamp: at(1) }),
      eventLine({ id: 'late', causes: ['a'], timestamp: at(3) }),
      eventLine({ id: 'effect', causes: ['late', 'early'], timestamp: at(4) }),
    ]
    await withIndexedRoot({ run: { 'events.jsonl': lines } }, async (indexed) => {
      expect(idsOfLines(await findPath(indexed, 'a', 'effect'))).toEqual(['a', 'late', 'effect'])
      const early = eventLine({ id: 'early', causes: ['a'], timestamp: at(2) })
      await indexed.append({ run: { 'events.jsonl': [early] } })
      expect(idsOfLines(await findPath(indexed, 'a', 'effect'))).toEqual(['a', 'early', 'effect'])
    })
  })

  it('ends on cycles, and finds its way through them', async () => {
    const cycle = { a: ['d'], b: ['a'], c: ['b', 'c'], d: ['c'], out: ['c'], far: [] }
    await onBothKinds(cycle, async (indexed) => {
      expect(idsOfLines(await findPath(indexed, 'd', 'c'))).toEqual(['d', 'a', 'b', 'c'])
      expect(idsOfLines(await findPath(indexed, 'd', 'out'))).toEqual(['d', 'a', 'b', 'c', 'out'])
      await expect(findPath(indexed, 'out', 'd')).rejects.toMatchObject({
        message:
          'no causal path leads from the event "out" to the event "d"; one leads from "d" to "out"',
      })
      await expect(findPath(indexed, 'far', 'd')).rejects.toMatchObject({
        message: 'no causal path leads from the event "far" to the event "d"',
      })
    })
  })

  it('goes as far as it takes', async () => {
    const chain = names('n', 3_000)
    const causes = Object.fromEntries(
      chain.map((id, index) => [id, chain.slice(Math.max(0, index - 1), index)]),
    )
    await withIndexedRoot(runOf(causes), async (indexed) => {
      const path = await findPath(indexed, 'n00000', 'n02999')
      expect(idsOfLines(path)).toEqual(chain)
      // But not for a path that nobody asked for.
      await expect(findPath(indexed, 'n02999', 'n00000')).rejects.toMatchObject({
        message: 'no causal path leads from the event "n02999" to the event "n00000"',
      })
    })
  })

  it('finds its way past hubs, and out of them', async () => {
    const effects = names('e', 5_000)
    const hub: Causes = {
      hub: [],
      ...Object.fromEntries(effects.map((id) => [id, ['hub']])),
      second: ['e04999', 'e02500'],
      ...Object.fromEntries(effects.map((id) => [`f${id}`, ['second', id]])),
      last: ['fe04998', 'fe00001'],
      aside: [],
    }
    await onBothKinds(hub, async (indexed) => {
      expect(idsOfLines(await findPath(indexed, 'hub', 'last'))).toEqual([
        'hub',
        'e00001',
        'fe00001',
        'last',
      ])
      expect(idsOfLines(await findPath(indexed, 'hub', 'second'))).toEqual([
        'hub',
        'e02500',
        'second',
      ])
      await expect(findPath(indexed, 'hub', 'aside')).rejects.toMatchObject({
        code: 'PATH_NOT_FOUND',
      })
    })
  })

  it('goes through levels that are wider than what is read at once', async () => {
    const level = names('l', 3_000)
    const next = names('m', 3_000)
    const wide: Causes = {
      a: [],
      ...Object.fromEntries(level.map((id) => [id, ['a']])),
      ...Object.fromEntries(next.map((id, index) => [id, level.slice(index, index + 3)])),
      z: next,
    }
    await onBothKinds(wide, async (indexed) => {
      expect(idsOfLines(await findPath(indexed, 'a', 'z'))).toEqual(['a', 'l00000', 'm00000', 'z'])
    })
  })

  it('finds a way back through a cause that was recorded after its effect', async () => {
    const back = { effect: ['late'], middle: [], cause: ['middle'], late: ['cause'] }
    await onBothKinds(back, async (indexed) => {
      const path = ['middle', 'cause', 'late', 'effect']
      expect(idsOfLines(await findPath(indexed, 'middle', 'effect'))).toEqual(path)
      await expect(findPath(indexed, 'effect', 'middle')).rejects.toMatchObject({
        message:
          'no causal path leads from the event "effect" to the event "middle"; one leads from "middle" to "effect"',
      })
    })
  })

  it('does not go by way of causes nobody recorded, nor of other runs', async () => {
    const runs = {
      other: { 'events.jsonl': linesOf({ a: [], x: ['a'], c: ['x'] }) },
      ...runOf({ a: [], b: ['x'], c: ['x', 'b'] }),
    }
    await withIndexedRoot(runs, async (indexed) => {
      await expect(findPath(indexed, 'a', 'c')).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' })
      expect(idsOfLines(await findPath(indexed, 'a', 'c', { run: 'other' }))).toEqual([
        'a',
        'x',
        'c',
      ])
    })
  })

  it('says which event or run there is none of', async () => {
    await withIndexedRoot(runOf({ a: [], b: ['a'] }), async (indexed) => {
      await expect(findPath(indexed, 'x', 'b')).rejects.toMatchObject({
        code: 'EVENT_NOT_FOUND',
        message: 'simulation "run" has no event "x"',
      })
      await expect(findPath(indexed, 'a', 'y')).rejects.toMatchObject({
        code: 'EVENT_NOT_FOUND',
        message: 'simulation "run" has no event "y"',
      })
      await expect(findPath(indexed, 'a', 'b', { run: 'nowhere' })).rejects.toMatchObject({
        code: 'SIMULATION_NOT_FOUND',
      })
    })
  })

  it('gives up when its time is over, when nobody waits, and on a path too long to answer', async () => {
    await withIndexedRoot(runOf({ a: [], b: ['a'], c: ['b'] }), async (indexed) => {
      const over = { limit: { limitMs: 0, advice: 'ask about events that are closer' } }
      await expect(findPath(indexed, 'a', 'c', over)).rejects.toMatchObject({
        code: 'QUERY_TOO_BROAD',
        message:
          'looked through events for 0 s and came to no end; ask about events that are closer',
      })
      const reason = new Error('gone')
      const gone = { limit: { limitMs: 60_000, signal: AbortSignal.abort(reason) } }
      await expect(findPath(indexed, 'a', 'c', gone)).rejects.toBe(reason)
      expect(await findPath(indexed, 'a', 'c', { maxEvents: 3 })).toHaveLength(3)
      await expect(findPath(indexed, 'a', 'c', { maxEvents: 2 })).rejects.toMatchObject({
        code: 'QUERY_TOO_BROAD',
        message: 'the shortest path from "a" to "c" has 3 events, and an answer 2 at the most',
      })
    })
  })

  it('finds in a recorded run what a reading of every line finds', async () => {
    const indexed = await IndexedRoot.ofFixture()
    try {
      const market = readRun(FIXTURE, MARKET)
      const some = market.filter((_, index) => index % 397 === 0).map(({ position }) => position)
      const outcomes = new Set<string>()
      for (const { eventId: cause } of some) {
        for (const { eventId: effect } of some) {
          outcomes.add(await expectPathOfLines(indexed, market, [cause, effect], MARKET))
        }
      }
      expect(outcomes).toContain('path')
      expect(outcomes).toContain('opposite')
    } finally {
      await indexed.close()
    }
  })
})
