import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TurnlogClient, type VariablePoint } from '#api/client/index.js'
import type { RunningServer } from '#api/server.js'
import { serve } from '../support/api-client.js'
import { eventLine, IndexedRoot, type LineFields } from '../support/indexed-root.js'

const RUN = 'a run'
const VARIABLE = 'wealth/gold'
const CHANGES = 25

/** One event a second. */
function linesOf(events: readonly LineFields[]): string[] {
  return events.map((fields, second) => {
    const timestamp = `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000+00:00`
    return eventLine({ timestamp, ...fields })
  })
}

const DECISION: LineFields = {
  id: 'e 1',
  turn: 1,
  type: 'DECISION',
  agent: 'a',
  details: { good: 'grain' },
}

function actionOf(amount: number): LineFields {
  const details = { good: 'grain', amount }
  return { id: 'e 2', turn: 3, type: 'ACTION', agent: 'b', causes: ['e 1'], details }
}

const changes = Array.from({ length: CHANGES }, (_, index): LineFields => ({
  id: `change ${index}`,
  turn: 4,
  type: 'STATE',
  agent: index % 2 === 0 ? 'a' : undefined,
  details: { variable_name: VARIABLE, old_value: index, new_value: index + 1 },
}))

let indexed: IndexedRoot
let server: RunningServer
let asked: string[]
let client: TurnlogClient

beforeAll(async () => {
  indexed = await IndexedRoot.of({
    [RUN]: { 'events.jsonl': linesOf([DECISION, actionOf(3), ...changes]) },
    another: { 'events.jsonl': linesOf([DECISION, actionOf(4), ...changes]) },
  })
  server = await serve(indexed.reader)
  asked = []
  client = new TurnlogClient({
    baseUrl: server.url,
    fetch: (url, init) => {
      asked.push(url.replace(server.url, ''))
      return fetch(url, init)
    },
  })
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

/** What a client gives, held against what is answered under a path. */
async function expectAnswer<T>(path: string, asking: Promise<T>): Promise<T> {
  const given = await asking
  expect(asked.splice(0)).toEqual([path])
  const response = await fetch(server.url + path)
  expect(response.status).toBe(200)
  expect(given).toEqual(await response.json())
  return given
}

describe('TurnlogClient', () => {
  it('asks how events lie over time', async () => {
    const { total, buckets } = await expectAnswer(
      '/simulations/a%20run/histogram?by=time&buckets=2&split=agent&q=grain&agent_ids=a&agent_ids=b',
      client.countHistogram(RUN, {
        by: 'time',
        buckets: 2,
        split: 'agent',
        q: 'grain',
        agent_ids: ['a', 'b'],
      }),
    )
    expect(total).toBe(2)
    expect(buckets.map(({ split }) => split)).toEqual([{ a: 1, b: 1 }, {}])
  })

  it('asks how many events have a value in their details', async () => {
    const { by, buckets } = await expectAnswer(
      '/simulations/a%20run/histogram?details.amount=3',
      client.countHistogram(RUN, { 'details.amount': 3 }),
    )
    expect(by).toBe('turn')
    expect(buckets.map(({ start, count }) => [start, count])).toEqual([
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 0],
    ])
  })

  it('asks for agents', async () => {
    const { agents, without_agent: nobody } = await expectAnswer(
      '/simulations/a%20run/agents',
      client.listAgents(RUN),
    )
    expect(agents).toEqual([
      { agent_id: 'a', event_count: 14, events_by_type: { DECISION: 1, STATE: 13 } },
      { agent_id: 'b', event_count: 1, events_by_type: { ACTION: 1 } },
    ])
    expect(nobody).toEqual({ event_count: 12, events_by_type: { STATE: 12 } })
  })

  it('asks for variables', async () => {
    const { variables } = await expectAnswer(
      '/simulations/a%20run/variables',
      client.listVariables(RUN),
    )
    expect(variables.map(({ name, event_count: count }) => [name, count])).toEqual([
      [VARIABLE, CHANGES],
    ])
  })

  it('asks for a variable', async () => {
    const { total, series } = await expectAnswer(
      '/simulations/a%20run/variables/wealth%2Fgold?turn_start=3&agent_ids=a&limit=2',
      client.readVariable(RUN, VARIABLE, { turn_start: 3, agent_ids: ['a'], limit: 2 }),
    )
    expect(total).toBe(13)
    expect(series.map(({ agent_id: agent, points }) => [agent, points.map(valueOf)])).toEqual([
      ['a', [1, 3]],
    ])
  })

  it('asks for the way from a cause to its effect', async () => {
    const { length, path } = await expectAnswer(
      '/simulations/a%20run/causality/e%201/path/e%202',
      client.findCausalPath(RUN, 'e 1', 'e 2'),
    )
    expect(length).toBe(1)
    expect(path.map(({ event_id: id }) => id)).toEqual(['e 1', 'e 2'])
    await expect(client.findCausalPath(RUN, 'e 2', 'e 1')).rejects.toMatchObject({ status: 404 })
    asked = []
  })

  it('asks where two runs part', async () => {
    const { first_difference: difference } = await expectAnswer(
      '/compare?a=a+run&b=another&turn_start=2&turn_end=9',
      client.compareRuns(RUN, 'another', { turn_start: 2, turn_end: 9 }),
    )
    expect(difference).toMatchObject({ turn_number: 3, aspects: ['actions'] })
    expect(difference?.a.actions?.map(({ event_id: id }) => id)).toEqual(['e 2'])
    expect(difference?.counts).toEqual({ a: { actions: 1 }, b: { actions: 1 } })
  })
})

describe('variablePages', () => {
  it('gives every value once, page by page', async () => {
    const values: unknown[] = []
    const sizes: number[] = []
    for await (const { series } of client.variablePages(RUN, VARIABLE, { limit: 10 })) {
      const points = series.flatMap((one) => one.points)
      sizes.push(points.length)
      values.push(...points.map(valueOf))
    }
    expect(sizes).toEqual([10, 10, 5])
    expect(values.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      changes.map((_, index) => index + 1),
    )
    expect(asked.splice(0)).toHaveLength(3)
  })

  it('goes on from a cursor', async () => {
    const { next_cursor: cursor } = await client.readVariable(RUN, VARIABLE, { limit: 20 })
    const values: unknown[] = []
    for await (const { series } of client.variablePages(RUN, VARIABLE, {
      cursor: cursor ?? undefined,
    })) {
      values.push(...series.flatMap(({ points }) => points.map(valueOf)))
    }
    expect(values.toSorted()).toEqual([21, 22, 23, 24, 25])
    asked = []
  })
})

function valueOf({ new_value: value }: VariablePoint): unknown {
  return value
}
