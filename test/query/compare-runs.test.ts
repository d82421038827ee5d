import { describe, expect, it } from 'vitest'
import {
  eventLine,
  FIXTURE,
  IndexedRoot,
  type LineFields,
  MARKET,
  withIndexedRoot,
} from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { compare, expectComparisonOfLines } from '../support/comparison-check.js'

type Said = Omit<LineFields, 'id'>

const decision = (turn: number, agent: string, choice: unknown = 'hold'): Said => ({
  turn,
  agent,
  type: 'DECISION',
  details: { decision_type: 'strategy', new_value: choice },
})
const action = (turn: number, agent: string, amount: unknown = 1): Said => ({
  turn,
  agent,
  type: 'ACTION',
  details: { action_type: 'trade', action_payload: { amount } },
})
const state = (turn: number, value: unknown, agent?: string): Said => ({
  turn,
  agent,
  type: 'STATE',
  details: { variable_name: 'gold', old_value: 0, new_value: value },
})

/** Lines whose ids and times are those of one run alone. */
function linesOf(run: string, said: readonly Said[]): string[] {
  const second = run === 'a' ? '10' : '20'
  return said.map((fields, index) =>
    eventLine({
      id: `${run}${String(index).padStart(5, '0')}`,
      timestamp: `2026-01-01T00:00:${second}.${String(index).padStart(6, '0')}Z`,
      causes: [`cause in ${run}`],
      ...fields,
    }),
  )
}

async function onRuns(
  a: readonly Said[],
  b: readonly Said[],
  check: (indexed: IndexedRoot) => Promise<void>,
): Promise<void> {
  const runs = {
    a: { 'events.jsonl': linesOf('a', a) },
    b: { 'events.jsonl': linesOf('b', b) },
  }
  await withIndexedRoot(runs, async (indexed) => {
    await check(indexed)
  })
}

const SAME = [decision(0, 'anna'), action(1, 'anna', 5), state(1, 2.5), state(2, [1], 'ben')]
const NO_DIFFERENCE = { firstDifference: undefined, firstTurns: new Map() }

describe('compareRuns', () => {
  it('finds no difference between runs that say the same, and counts both', async () => {
    await onRuns(SAME, SAME, async (indexed) => {
      expect(await compare(indexed)).toEqual({
        ...NO_DIFFERENCE,
        runs: {
          a: {
            id: 'a',
            event_count: 4,
            first_turn: 0,
            last_turn: 2,
            events_by_type: { DECISION: 1, ACTION: 1, STATE: 2 },
          },
          b: {
            id: 'b',
            event_count: 4,
            first_turn: 0,
            last_turn: 2,
            events_by_type: { DECISION: 1, ACTION: 1, STATE: 2 },
          },
        },
        comparedTurns: { first: 0, last: 2 },
      })
    })
  })

  it('tells the first turn that differs, what differs there, and where each aspect first does', async () => {
    const a = [...SAME, action(3, 'anna', 1), state(3, 1), decision(5, 'ben', 'buy')]
    const b = [...SAME, state(3, 1), action(3, 'anna', 2), decision(5, 'ben', 'sell'), state(6, 1)]
    await onRuns(a, b, async (indexed) => {
      expect(await compare(indexed)).toMatchObject({
        firstDifference: {
          turn: 3,
          surplus: {
            a: [{ aspect: 'actions', count: 1, events: [linesOf('a', a)[4]] }],
            b: [{ aspect: 'actions', count: 1, events: [linesOf('b', b)[5]] }],
          },
        },
        firstTurns: new Map([
          ['actions', 3],
          ['decisions', 5],
          ['state', 6],
        ]),
        comparedTurns: { first: 0, last: 6 },
      })
    })
  })

  it('stops at the turn in which it knows all it can', async () => {
    const all = (turn: number, value: number): Said[] => [
      decision(turn, 'anna', value),
      action(turn, 'anna', value),
      state(turn, value),
    ]
    const a = [...all(1, 1), ...all(2, 1), ...all(3, 1)]
    const b = [...all(1, 1), ...all(2, 2), ...all(3, 2)]
    await onRuns(a, b, async (indexed) => {
      const { firstDifference, comparedTurns } = await compare(indexed)
      expect(firstDifference?.surplus.a.map(({ aspect }) => aspect)).toEqual([
        'decisions',
        'actions',
        'state',
      ])
      expect(comparedTurns).toEqual({ first: 1, last: 2 })
    })
  })

  it('does not mind the order within a turn, but counts how often something is said', async () => {
    const twice = [action(0, 'anna'), action(0, 'ben'), action(0, 'anna')]
    const reversed = [action(0, 'ben'), action(0, 'anna'), action(0, 'anna')]
    await onRuns(twice, reversed, async (indexed) => {
      expect(await compare(indexed)).toMatchObject(NO_DIFFERENCE)
    })
    const once = [action(0, 'ben'), action(0, 'anna')]
    await onRuns(twice, once, async (indexed) => {
      expect((await compare(indexed)).firstDifference).toEqual({
        turn: 0,
        surplus: {
          // Of what is said twice here and once there, the earlier has no counterpart.
          a: [{ aspect: 'actions', count: 1, events: [linesOf('a', twice)[0]] }],
          b: [{ aspect: 'actions', count: 0, events: [] }],
        },
      })
    })
  })

  it('takes STATE and ENV for one type, numbers by value and keys in any order', async () => {
    const at = '2026-01-01T00:00:00Z'
    const line = (id: string, type: string, rest: string): string =>
      `{"event_id":"${id}","timestamp":"${at}","turn_number":0,"event_type":"${type}",${rest}}`
    const a = [
      line('1', 'STATE', '"details":{"variable_name":"gold","old_value":1,"new_value":-0}'),
      line(
        '2',
        'ACTION',
        '"agent_id":"anna","details":{"action_type":"x","n":[1e2,{"b":1,"a":2}]}',
      ),
      line('3', 'DECISION', '"agent_id":null,"details":null,"description":"one"'),
    ]
    const b = [
      line('4', 'ENV', '"details":{"new_value":0.0, "variable_name":"gold","old_value":1.0}'),
      line(
        '5',
        'ACTION',
        '"details":{"n":[100,{"a":2,"b":1}],"action_type":"\\u0078"},"agent_id":"anna"',
      ),
      line('6', 'DECISION', '"caused_by":["5"],"description":"other"'),
    ]
    const runs = { a: { 'events.jsonl': a }, b: { 'events.jsonl': b } }
    await withIndexedRoot(runs, async (indexed) => {
      expect(await compare(indexed)).toMatchObject(NO_DIFFERENCE)
    })
  })

  it.each<[what: string, a: Said, b: Said]>([
    ['agents', action(0, 'anna'), action(0, 'ben')],
    ['an agent and none', state(0, 1, 'anna'), state(0, 1)],
    ['an agent without a name and none', state(0, 1, ''), state(0, 1)],
    ['a number and its text', action(0, 'anna', 1), action(0, 'anna', '1')],
    ['null and nothing', action(0, 'anna', null), action(0, 'anna', undefined)],
    ['the order of a list', action(0, 'anna', [1, 2]), action(0, 'anna', [2, 1])],
    ['details and none', action(0, 'anna'), { ...action(0, 'anna'), details: undefined }],
    [
      'no details and empty ones',
      { ...state(0, 1), details: undefined },
      { ...state(0, 1), details: {} },
    ],
  ])('tells %s apart', async (_what, a, b) => {
    await onRuns([a], [b], async (indexed) => {
      const { firstDifference } = await compare(indexed)
      expect(firstDifference?.surplus.a).toMatchObject([{ count: 1 }])
      expect(firstDifference?.surplus.b).toMatchObject([{ count: 1 }])
    })
  })

  it('tells a decision from an action that says the same', async () => {
    const said = { agent: 'anna', details: { word: 1 } }
    await onRuns(
      [{ ...said, type: 'DECISION' }],
      [{ ...said, type: 'ACTION' }],
      async (indexed) => {
        const { firstDifference } = await compare(indexed)
        expect(firstDifference?.surplus.a.map(({ aspect, count }) => [aspect, count])).toEqual([
          ['decisions', 1],
          ['actions', 0],
        ])
      },
    )
  })

  it('leaves other types alone', async () => {
    const others = (turn: number): Said[] => [
      { turn, type: 'MILESTONE', details: { milestone_type: 'turn_start' } },
      { turn, type: 'DETAIL', details: { calculation_type: `in turn ${turn}` } },
      { turn, type: 'SYSTEM' },
    ]
    await onRuns([...SAME, ...others(1), ...others(9)], SAME, async (indexed) => {
      expect(await compare(indexed)).toMatchObject({
        ...NO_DIFFERENCE,
        comparedTurns: { first: 0, last: 9 },
      })
    })
  })

  it('takes a turn that only one of them has for a difference, if it has something to compare', async () => {
    await onRuns([...SAME, decision(8, 'anna')], SAME, async (indexed) => {
      expect(await compare(indexed)).toMatchObject({
        firstDifference: { turn: 8 },
        firstTurns: new Map([['decisions', 8]]),
      })
      expect(await compare(indexed, { a: 'b', b: 'a' })).toMatchObject({
        firstDifference: { turn: 8, surplus: { a: [{ count: 0 }], b: [{ count: 1 }] } },
      })
    })
  })

  it('compares the turns that are asked for', async () => {
    const a = [decision(1, 'anna', 1), decision(2, 'anna', 1), decision(3, 'anna', 1)]
    const b = [decision(1, 'anna', 2), decision(2, 'anna', 1), decision(3, 'anna', 2)]
    await onRuns(a, b, async (indexed) => {
      const turnOf = async (turnStart?: number, turnEnd?: number): Promise<unknown> =>
        (await compare(indexed, { turnStart, turnEnd })).firstDifference?.turn
      expect(await turnOf()).toBe(1)
      expect(await turnOf(2)).toBe(3)
      expect(await turnOf(2, 2)).toBeUndefined()
      expect(await turnOf(undefined, 1)).toBe(1)
      expect(await compare(indexed, { turnStart: 2, turnEnd: 9 })).toMatchObject({
        comparedTurns: { first: 2, last: 3 },
      })
      expect(await compare(indexed, { turnStart: 4 })).toMatchObject({
        ...NO_DIFFERENCE,
        comparedTurns: undefined,
      })
    })
  })

  it('finds no difference between a run and itself', async () => {
    await onRuns(SAME, [], async (indexed) => {
      expect(await compare(indexed, { b: 'a' })).toMatchObject({
        ...NO_DIFFERENCE,
        runs: { a: { id: 'a' }, b: { id: 'a' } },
        comparedTurns: { first: 0, last: 2 },
      })
    })
  })

  it('shows the earliest events of each aspect, and counts the others', async () => {
    const many = Array.from({ length: 1_200 }, (_, index) => action(7, 'anna', index))
    const reversed = [...many].reverse().slice(0, 1_000)
    await onRuns(many, [...reversed, decision(7, 'ben')], async (indexed) => {
      const { firstDifference } = await compare(indexed, { maxShown: 5 })
      expect(firstDifference?.surplus).toEqual({
        a: [
          { aspect: 'decisions', count: 0, events: [] },
          { aspect: 'actions', count: 200, events: linesOf('a', many).slice(0, 5) },
        ],
        b: [
          {
            aspect: 'decisions',
            count: 1,
            events: linesOf('b', [...reversed, decision(7, 'ben')]).slice(-1),
          },
          { aspect: 'actions', count: 0, events: [] },
        ],
      })
    })
  })

  it('goes through turns that are longer than what is read at once', async () => {
    const turn = (of: number, last: number): Said[] =>
      Array.from({ length: 1_100 }, (_, index) =>
        action(of, 'anna', index === 1_099 ? last : index),
      )
    const a = [...turn(0, -1), ...turn(1, -2), ...turn(2, -3)]
    const b = [...turn(2, -4), ...turn(1, -2), ...turn(0, -1).reverse()]
    await onRuns(a, b, async (indexed) => {
      expect((await compare(indexed)).firstDifference).toEqual({
        turn: 2,
        surplus: {
          a: [{ aspect: 'actions', count: 1, events: linesOf('a', a).slice(-1) }],
          b: [{ aspect: 'actions', count: 1, events: linesOf('b', b).slice(1_099, 1_100) }],
        },
      })
    })
  })

  it('compares turns that are scattered in time, and lines that arrive out of order', async () => {
    const scattered = [
      action(2, 'anna'),
      action(0, 'anna'),
      state(2, 1),
      action(1, 'ben'),
      state(0, 1),
    ]
    await onRuns(scattered, [...scattered].reverse(), async (indexed) => {
      expect(await compare(indexed)).toMatchObject(NO_DIFFERENCE)
      const early = { id: 'early', timestamp: '2025-01-01T00:00:00Z' }
      const late = eventLine({ ...early, ...action(1, 'ben') })
      await indexed.append({ a: { 'events.jsonl': [late] } })
      expect((await compare(indexed)).firstDifference).toMatchObject({
        turn: 1,
        surplus: { a: [{ aspect: 'actions', count: 1, events: [late] }] },
      })
    })
  })

  it('says so when there is no such run', async () => {
    await onRuns(SAME, SAME, async (indexed) => {
      for (const names of [{ a: 'nowhere' }, { b: 'nowhere' }]) {
        await expect(compare(indexed, names)).rejects.toMatchObject({
          code: 'SIMULATION_NOT_FOUND',
          message: 'no simulation has the id "nowhere"',
        })
      }
    })
  })

  it('gives up when its time is over, or when nobody waits', async () => {
    await onRuns(SAME, [...SAME, action(3, 'anna')], async (indexed) => {
      await expect(compare(indexed, { limit: { limitMs: 0 } })).rejects.toMatchObject({
        code: 'QUERY_TOO_BROAD',
        message:
          'compared turns from 0 to 3 and came to turn 0 when the time was up; turn_start=1 leaves it out',
      })
      const reason = new Error('gone')
      const signal = AbortSignal.abort(reason)
      const gone = compare(indexed, { limit: { limitMs: 60_000, signal } })
      await expect(gone).rejects.toBe(reason)
    })
  })

  it('compares recorded runs as a reading of every line does', async () => {
    const indexed = await IndexedRoot.ofFixture()
    try {
      const market = readRun(FIXTURE, MARKET)
      const solo = readRun(FIXTURE, 'solo')
      for (const turnStart of [0, 1, 3, 5, 60, 71]) {
        const options = { a: MARKET, b: 'solo', turnStart }
        await expectComparisonOfLines(indexed, [market, solo], options)
      }
      expect(await compare(indexed, { a: 'solo', b: 'solo' })).toMatchObject(NO_DIFFERENCE)
    } finally {
      await indexed.close()
    }
  })
})
