import { appendFileSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { getSimulation, MAX_REJECTS_SHOWN } from '#src/query/get-simulation.js'
import { getTotals } from '#src/query/get-totals.js'
import { listSimulations, simulationName } from '#src/query/list-simulations.js'
import {
  eventLine,
  FIXTURE,
  IndexedRoot,
  MARKET,
  withIndexedRoot,
} from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'

const ACTIVE = 'events.jsonl'

describe('simulationName', () => {
  it.each([
    ['market-20251004-142345-6agents', 'market'],
    ['market-crash-20251004-142345-12agents', 'market-crash'],
    ['solo', 'solo'],
    ['a-b-c', 'a'],
    ['-x', '-x'],
    ['-', '-'],
    ['-20251004-142345-6agents', '-20251004-142345-6agents'],
    ['x-20251004-142345-6agents-copy', 'x'],
    ['x-2025104-142345-6agents', 'x'],
    ['x-20251004-142345-agents', 'x'],
    ['x_20251004-142345-6agents', 'x_20251004'],
    ['国家-中国', '国家'],
    ['a b', 'a b'],
  ])('of %s is %s', (id, name) => {
    expect(simulationName(id)).toBe(name)
  })
})

describe('listSimulations', () => {
  it('gives each run with its name, span and counts, by id', async () => {
    const indexed = await IndexedRoot.ofFixture()
    try {
      const expected = [MARKET, 'solo'].map((id) => {
        const events = readRun(FIXTURE, id)
        const turns = events.map(({ turn }) => turn)
        return {
          id,
          name: id === MARKET ? 'market' : 'solo',
          event_count: events.length,
          reject_count: 0,
          duplicate_count: 0,
          first_turn: Math.min(...turns),
          last_turn: Math.max(...turns),
          start_time: readTimestamp(events[0]?.line),
          end_time: readTimestamp(events.at(-1)?.line),
        }
      })
      expect(await indexed.reader.read(listSimulations)).toEqual(expected)
    } finally {
      await indexed.close()
    }
  })

  it('spans the earliest and the latest instant, in whatever order and zone they arrive', async () => {
    const at = (timestamp: string, turn: number): string =>
      eventLine({ id: timestamp, timestamp, turn })
    const lines = [at('2025-01-01T12:00:00Z', 3), at('2025-01-01T12:30:00+01:00', 9)]
    await withIndexedRoot({ run: { [ACTIVE]: lines } }, async (indexed) => {
      await indexed.append({
        run: {
          [ACTIVE]: [at('2025-01-01T23:00:00.5-01:00', 5), at('1969-12-31T23:59:59.999999', 7)],
        },
      })
      expect(await indexed.reader.read(listSimulations)).toMatchObject([
        {
          start_time: '1969-12-31T23:59:59.999999+00:00',
          end_time: '2025-01-02T00:00:00.500000+00:00',
          first_turn: 3,
          last_turn: 9,
          event_count: 4,
        },
      ])
    })
  })

  it('sorts ids by their bytes and keeps each as its directory spells it', async () => {
    const ids = ['b', 'B', 'a b', 'ä', '%41', 'a#b&c', '\u{1f600}', '\uff5e', '__proto__']
    const runs = Object.fromEntries(ids.map((id) => [id, { [ACTIVE]: [eventLine({ id })] }]))
    await withIndexedRoot(runs, async ({ reader }) => {
      const listed = (await reader.read(listSimulations)).map(({ id }) => id)
      expect(listed).toEqual(ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    })
  })

  it('shows a run without an event yet, and none whose files are gone', async () => {
    await withIndexedRoot({ empty: { [ACTIVE]: [] }, gone: { [ACTIVE]: [] } }, async (indexed) => {
      rmSync(join(indexed.root, 'gone'), { recursive: true })
      await indexed.index()
      const nothing = {
        id: 'empty',
        name: 'empty',
        start_time: null,
        end_time: null,
        event_count: 0,
        reject_count: 0,
        duplicate_count: 0,
        first_turn: null,
        last_turn: null,
      }
      expect(await indexed.reader.read(listSimulations)).toEqual([nothing])
      const summary = await indexed.reader.read((snapshot) => getSimulation(snapshot, 'empty'))
      expect(summary).toEqual({
        ...nothing,
        events_by_type: {},
        events_by_agent: {},
        segments: [
          {
            name: ACTIVE,
            size: 0,
            indexed_bytes: 0,
            lag_bytes: 0,
            event_count: 0,
            reject_count: 0,
            duplicate_count: 0,
          },
        ],
        rejects: [],
        lag_bytes: 0,
      })
    })
  })

  it('is empty for an empty root', async () => {
    await withIndexedRoot({}, async ({ reader }) => {
      expect(await reader.read(listSimulations)).toEqual([])
      expect(await reader.read(getTotals)).toEqual({
        simulations: 0,
        segments: 0,
        events: 0,
        rejects: 0,
        lag_bytes: 0,
        search_lag_events: 0,
      })
    })
  })
})

describe('getSimulation', () => {
  it('counts by type and agent, and shows every segment in reading order', async () => {
    const indexed = await IndexedRoot.ofFixture()
    try {
      const events = readRun(FIXTURE, MARKET)
      const summary = await indexed.reader.read((snapshot) => getSimulation(snapshot, MARKET))
      expect(summary.events_by_type).toEqual(tally(events.map(({ type }) => type)))
      expect(summary.events_by_agent).toEqual(tally(events.flatMap(({ agentId }) => agentId ?? [])))
      expect(summary.segments.map(({ name }) => name)).toEqual([
        'events_2026-11-23_07-40-23-114144.jsonl',
        'events_2026-11-23_07-40-23-188263.jsonl',
        'events_2026-11-23_07-40-23-263364.jsonl',
        'events_2026-11-23_07-40-23-335441.jsonl',
        'events_2026-11-23_07-40-23-405671.jsonl',
        ACTIVE,
      ])
      for (const segment of summary.segments) {
        const { size } = statSync(join(FIXTURE, MARKET, segment.name))
        const text = readFileSync(join(FIXTURE, MARKET, segment.name), 'utf8')
        expect(segment).toMatchObject({
          size,
          indexed_bytes: size,
          lag_bytes: 0,
          event_count: text.split('\n').length - 1,
        })
      }
    } finally {
      await indexed.close()
    }
  })

  it('counts the agents of each run apart, and any name an agent can have', async () => {
    const agents = ['__proto__', 'constructor', 'a b', '7', 'x', 'x']
    const lines = agents.map((agent, index) => eventLine({ id: `${index}`, agent }))
    const other = [eventLine({ id: '0', agent: 'x', type: 'ENV' })]
    await withIndexedRoot(
      { run: { [ACTIVE]: lines }, other: { [ACTIVE]: other } },
      async (indexed) => {
        const summary = await indexed.reader.read((snapshot) => getSimulation(snapshot, 'run'))
        expect(new Map(Object.entries(summary.events_by_agent))).toEqual(
          new Map([
            ['__proto__', 1],
            ['constructor', 1],
            ['a b', 1],
            ['7', 1],
            ['x', 2],
          ]),
        )
        expect(summary.events_by_type).toEqual({ DETAIL: 6 })
      },
    )
  })

  it('shows the active segment last, also when a sealed one turns up late', async () => {
    const sealed = 'events_2025-01-01_00-00-00.jsonl'
    const lines = [eventLine({ id: 'b' })]
    await withIndexedRoot({ run: { [ACTIVE]: lines } }, async (indexed) => {
      await indexed.append({ run: { [sealed]: [eventLine({ id: 'a' })] } })
      const { segments } = await indexed.reader.read((snapshot) => getSimulation(snapshot, 'run'))
      expect(segments.map(({ name }) => name)).toEqual([sealed, ACTIVE])
    })
  })

  it('shows a torn tail as lag until its line is whole', async () => {
    await withIndexedRoot({ run: { [ACTIVE]: [eventLine({ id: 'a' })] } }, async (indexed) => {
      const torn = eventLine({ id: 'b' })
      indexed.write('run', ACTIVE, torn)
      await indexed.index()
      const lag = { lag_bytes: Buffer.byteLength(torn) }
      expect(await indexed.reader.read((snapshot) => getSimulation(snapshot, 'run'))).toMatchObject(
        {
          ...lag,
          event_count: 1,
          segments: [lag],
        },
      )
      expect(await indexed.reader.read(getTotals)).toMatchObject({ ...lag, events: 1 })
      appendFileSync(join(indexed.root, 'run', ACTIVE), '\n')
      await indexed.index()
      expect(await indexed.reader.read(getTotals)).toMatchObject({ lag_bytes: 0, events: 2 })
    })
  })

  it('shows events that are not searchable as lag', async () => {
    await withIndexedRoot({ run: { [ACTIVE]: [eventLine({ id: 'a' })] } }, async (indexed) => {
      const lag = async (): Promise<number> =>
        (await indexed.reader.read(getTotals)).search_lag_events
      expect(await lag()).toBe(0)
      const lines = [eventLine({ id: 'b' }), eventLine({ id: 'c' }), 'junk']
      indexed.write('run', ACTIVE, lines.map((line) => `${line}\n`).join(''))
      await indexRoot({ root: indexed.root, db: indexed.db })
      expect(await lag()).toBe(2)
      await indexed.index()
      expect(await lag()).toBe(0)
    })
  })

  it('shows the first lines that are no events with their places, and counts them all', async () => {
    const good = eventLine({ id: 'a' })
    const bad = Array.from({ length: MAX_REJECTS_SHOWN + 20 }, (_, index) => `{bad ${index}`)
    await withIndexedRoot({ run: { [ACTIVE]: [good, ...bad, good] } }, async ({ root, reader }) => {
      const summary = await reader.read((snapshot) => getSimulation(snapshot, 'run'))
      expect(summary).toMatchObject({
        event_count: 1,
        reject_count: bad.length,
        duplicate_count: 1,
        rejects: { length: MAX_REJECTS_SHOWN },
      })
      const text = readFileSync(join(root, 'run', ACTIVE))
      const quoted = summary.rejects.map(({ segment, offset, length }) => {
        expect(segment).toBe(ACTIVE)
        return text
          .subarray(offset, offset + length)
          .toString()
          .trimEnd()
      })
      expect(quoted).toEqual(bad.slice(0, MAX_REJECTS_SHOWN))
    })
  })

  it('says so when there is no such run', async () => {
    await withIndexedRoot({}, async ({ reader }) => {
      await expect(reader.read((snapshot) => getSimulation(snapshot, 'x'))).rejects.toMatchObject({
        code: 'SIMULATION_NOT_FOUND',
      })
    })
  })
})

function tally(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries(counts)
}

/** The fixture spells timestamps as turnlog does. */
function readTimestamp(line: string | undefined): string | undefined {
  return /"timestamp":"([^"]+)"/.exec(line ?? '')?.[1]
}
