import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTimestamp } from '#src/event/timestamp.js'
import { encodeCursor } from '#src/query/page-cursor.js'
import { readVariable, type SeriesPage, type SeriesRequest } from '#src/query/read-variable.js'
import { anyBounds, anyPasses, indexPasses, RUNS, smallSizes } from '../support/any-runs.js'
import { jsonText } from '../support/hostile-json.js'
import {
  eventLine,
  FIXTURE,
  IndexedRoot,
  MARKET,
  withIndexedRoot,
} from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { seriesNaively, variablesNaively } from '../support/naive-facets.js'

const ACTIVE = 'events.jsonl'

async function read(
  { reader }: IndexedRoot,
  run: string,
  name: string,
  request: Partial<SeriesRequest> = {},
): Promise<SeriesPage> {
  return reader.read((snapshot) =>
    readVariable(snapshot, run, name, { filter: {}, limit: 1_000, ...request }),
  )
}

/** A page as a reading of every line gives it, from one that was read. */
function asRead({ total, series, hasMore }: SeriesPage): unknown {
  return {
    total,
    series: series.map(({ agentId, points }) => ({
      agent_id: agentId,
      points: points.map((point) => ({
        event_id: point.eventId,
        timestamp: formatTimestamp(point.timestamp),
        turn_number: point.turn,
        old_value: JSON.parse(point.oldValue) as unknown,
        new_value: JSON.parse(point.newValue) as unknown,
      })),
    })),
    has_more: hasMore,
  }
}

/** Reads page after page, and holds each against a reading of every line. */
async function expectAllPages(
  indexed: IndexedRoot,
  run: string,
  name: string,
  { filter, limit }: SeriesRequest,
): Promise<void> {
  const events = readRun(indexed.root, run)
  let cursor: string | undefined
  for (let first = 0; ; first += limit) {
    const page = await read(indexed, run, name, { filter, limit, cursor })
    expect(asRead(page)).toEqual(seriesNaively(events, name, filter, [first, first + limit]))
    expect(page.hasMore).toBe(page.nextCursor !== null)
    if (page.nextCursor === null) return
    cursor = page.nextCursor
  }
}

function changeLine(id: string, details: string, fields = ''): string {
  return `{"event_id":"${id}","timestamp":"2025-10-04T14:23:45.123456+00:00","turn_number":3,"event_type":"STATE"${fields},"details":${details}}`
}

describe('readVariable', () => {
  it('gives every change of a recorded run, by agent and in the order of time', async () => {
    const indexed = await IndexedRoot.ofFixture()
    try {
      const names = variablesNaively(readRun(FIXTURE, MARKET)).map(({ name }) => name)
      expect(names).toContain('海平面')
      for (const name of names) {
        for (const limit of [29, 10_000]) {
          await expectAllPages(indexed, MARKET, name, { filter: {}, limit })
        }
        const filter = { turnStart: 5, turnEnd: 65, agentIds: ['agent_bob', '国家_中国'] }
        await expectAllPages(indexed, MARKET, name, { filter, limit: 3 })
      }
    } finally {
      await indexed.close()
    }
  })

  it('spells values as their lines do, and what is not there as null', async () => {
    const values: readonly (readonly [details: string, old: string, next: string])[] = [
      ['{"variable_name":"x","old_value":1.0,"new_value":1e22}', '1.0', '1e22'],
      ['{"variable_name":"x","new_value":9007199254740993}', 'null', '9007199254740993'],
      ['{"variable_name":"x"}', 'null', 'null'],
      ['{"old_value":null,"new_value":"\\u00e9","variable_name":"x"}', 'null', '"\\u00e9"'],
      [
        '{ "old_value" : [ 1 , {"a":2.50} ] , "variable_name" : "x" }',
        '[ 1 , {"a":2.50} ]',
        'null',
      ],
      ['{"old_value":1,"variable_name":"y","old_value":2,"variable_name":"x"}', '2', 'null'],
      ['{"\\u006fld_value":-0.0,"variable_name":"\\u0078"}', '-0.0', 'null'],
    ]
    const lines = values.map(([details], index) => changeLine(`${index}`, details))
    await withIndexedRoot({ run: { [ACTIVE]: lines } }, async (indexed) => {
      const { series, total } = await read(indexed, 'run', 'x')
      expect(total).toBe(values.length)
      const points = series.flatMap((one) => one.points)
      expect(points.map(({ oldValue, newValue }) => [oldValue, newValue])).toEqual(
        values.map(([, old, next]) => [old, next]),
      )
    })
  })

  it('spells any value as its line does', async () => {
    const changes = fc.array(fc.tuple(jsonText, jsonText), { minLength: 1, maxLength: 12 })
    const indexed = new IndexedRoot()
    let runs = 0
    try {
      await fc.assert(
        fc.asyncProperty(changes, async (pairs) => {
          const run = `run${runs++}`
          const lines = pairs.map(([old, next], index) =>
            changeLine(
              String.fromCharCode(97 + index),
              `{"variable_name":"x","old_value":${old},"new_value":${next}}`,
            ),
          )
          await indexed.append({ [run]: { [ACTIVE]: lines } })
          const { series } = await read(indexed, run, 'x')
          const points = series.flatMap((one) => one.points)
          expect(points.map(({ oldValue, newValue }) => [oldValue, newValue])).toEqual(pairs)
        }),
        { numRuns: 40 },
      )
    } finally {
      await indexed.close()
    }
  })

  it('puts what is of no agent first, whether its agent_id is null or not there', async () => {
    const details = '{"variable_name":"x"}'
    const lines = [
      changeLine('a', details, ',"agent_id":"ben"'),
      changeLine('b', details, ',"agent_id":null'),
      changeLine('c', details, ',"agent_id":"anna"'),
      changeLine('d', details),
      changeLine('e', details, ',"agent_id":"ben"'),
    ]
    await withIndexedRoot({ run: { [ACTIVE]: lines } }, async (indexed) => {
      const { series } = await read(indexed, 'run', 'x')
      expect(series.map(({ agentId, points }) => [agentId, points.map((p) => p.eventId)])).toEqual([
        [null, ['b', 'd']],
        ['anna', ['c']],
        ['ben', ['a', 'e']],
      ])
    })
  })

  it('goes on behind the page before while changes arrive', async () => {
    const details = '{"variable_name":"x"}'
    const ids = ['b', 'c', 'd', 'e']
    const lines = ids.map((id) => changeLine(id, details))
    await withIndexedRoot({ run: { [ACTIVE]: lines } }, async (indexed) => {
      const first = await read(indexed, 'run', 'x', { limit: 2 })
      await indexed.append({
        run: { [ACTIVE]: ['a', 'cc', 'f'].map((id) => changeLine(id, details)) },
      })
      const rest = await read(indexed, 'run', 'x', { cursor: first.nextCursor ?? '' })
      const idsOf = ({ series }: SeriesPage): string[] =>
        series.flatMap(({ points }) => points.map((point) => point.eventId))
      expect([idsOf(first), idsOf(rest)]).toEqual([
        ['b', 'c'],
        ['cc', 'd', 'e', 'f'],
      ])
      expect(rest).toMatchObject({ total: 7, hasMore: false, nextCursor: null })
    })
  })

  it('tells a variable that a filter leaves nothing of from one that is not there', async () => {
    const lines = [
      changeLine('a', '{"variable_name":"x"}'),
      eventLine({ id: 'b', type: 'ACTION', agent: 'anna', details: { action_type: 'trade' } }),
    ]
    const other = [changeLine('a', '{"variable_name":"elsewhere"}')]
    await withIndexedRoot(
      { run: { [ACTIVE]: lines }, other: { [ACTIVE]: other } },
      async (indexed) => {
        expect(await read(indexed, 'run', 'x', { filter: { turnStart: 4 } })).toEqual({
          total: 0,
          series: [],
          hasMore: false,
          nextCursor: null,
        })
        for (const name of ['X', 'trade', 'elsewhere', '', '\0', '__proto__']) {
          await expect(read(indexed, 'run', name)).rejects.toMatchObject({
            code: 'VARIABLE_NOT_FOUND',
          })
        }
        await expect(read(indexed, 'nowhere', 'x')).rejects.toMatchObject({
          code: 'SIMULATION_NOT_FOUND',
        })
      },
    )
  })

  it('refuses a cursor that is not its own', async () => {
    await withIndexedRoot({ run: { [ACTIVE]: [] } }, async (indexed) => {
      const backwards = encodeCursor('desc', readRun(FIXTURE, 'solo')[0]?.position ?? never())
      for (const cursor of ['', 'junk', backwards]) {
        await expect(read(indexed, 'run', 'x', { cursor })).rejects.toMatchObject({
          code: 'CURSOR_INVALID',
        })
      }
    })
  })

  it('gives of any events the pages that a reading of every line gives', async () => {
    const question = fc.record({
      run: fc.constantFrom(...RUNS),
      filter: anyBounds,
      limit: fc.integer({ min: 1, max: 30 }),
    })
    const questions = fc.array(question, { minLength: 5, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(anyPasses, questions, smallSizes, async (passes, asked, orderSizes) => {
        const indexed = new IndexedRoot({ orderSizes })
        const check = async (): Promise<void> => {
          for (const { run, filter, limit } of asked) {
            for (const { name } of variablesNaively(readRun(indexed.root, run))) {
              await expectAllPages(indexed, run, name, { filter, limit })
            }
          }
        }
        try {
          await indexPasses(indexed, passes, check)
        } finally {
          await indexed.close()
        }
      }),
      { numRuns: 30 },
    )
  })
})

function never(): never {
  throw new Error('the fixture is empty')
}
