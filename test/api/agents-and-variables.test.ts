import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { agentsResponse } from '#api/routes/list-agents.js'
import { variablesResponse } from '#api/routes/list-variables.js'
import { variableResponse } from '#api/routes/read-variable.js'
import type { RunningServer } from '#api/server.js'
import { ask, serve } from '../support/api-client.js'
import { eventLine, FIXTURE, IndexedRoot, MARKET } from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { agentsNaively, seriesNaively, variablesNaively } from '../support/naive-facets.js'

const ODD_NAMES = [
  'a b',
  'a/b',
  'a%2Fb',
  '..',
  '.',
  '😀',
  'n\0l',
  '__proto__',
  '?x=1#',
  'ü',
  '{name}',
]

let indexed: IndexedRoot
let server: RunningServer

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  const lines = ODD_NAMES.map((name, index) =>
    eventLine({
      id: `e${index}`,
      type: 'STATE',
      details: { variable_name: name, new_value: name },
    }),
  )
  await indexed.append({
    odd: { 'events.jsonl': lines },
    spelled: {
      'events.jsonl': [
        '{"event_id":"a","timestamp":"2025-10-04T16:23:45+02:00","turn_number":1,"event_type":"ENV","details":{"variable_name":"x","old_value":1.0,"new_value":1e400}}',
      ],
    },
  })
  server = await serve(indexed.reader)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
  const { status, text } = await ask(server.url, `/simulations/${path}`)
  expect({ status, text }).toMatchObject({ status: 200 })
  return schema.parse(JSON.parse(text))
}

describe('GET /simulations/{simulation_id}/agents', () => {
  it.each([MARKET, 'solo'])('gives what a reading of every line gives: %s', async (run) => {
    const answer = await get(`${run}/agents`, agentsResponse.strict())
    expect(answer).toEqual(agentsNaively(readRun(FIXTURE, run)))
  })
})

describe('GET /simulations/{simulation_id}/variables', () => {
  it('gives what a reading of every line gives', async () => {
    const { variables } = await get(`${MARKET}/variables`, variablesResponse.strict())
    expect(variables).toHaveLength(7)
    expect(variables).toEqual(variablesNaively(readRun(FIXTURE, MARKET)))
  })

  it('is empty for a run without any', async () => {
    expect(await get('solo/variables', variablesResponse)).toEqual({ variables: [] })
  })
})

describe('GET /simulations/{simulation_id}/variables/{name}', () => {
  it('gives all changes, page by page', async () => {
    const market = readRun(FIXTURE, MARKET)
    const name = '海平面'
    const path = `${MARKET}/variables/${encodeURIComponent(name)}?limit=40`
    const first = await get(path, variableResponse.strict())
    const rest = await get(`${path}&cursor=${first.next_cursor ?? ''}`, variableResponse.strict())
    expect(first).toEqual({
      name,
      ...seriesNaively(market, name, {}, [0, 40]),
      next_cursor: first.next_cursor,
    })
    expect(rest).toEqual({
      name,
      ...seriesNaively(market, name, {}, [40, 80]),
      next_cursor: null,
    })
  })

  it('takes bounds and agents', async () => {
    const query = new URLSearchParams([
      ['start_timestamp', '2025-10-04T14:24:00Z'],
      ['end_timestamp', '2025-10-04T14:30:00Z'],
      ['turn_start', '3'],
      ['turn_end', '66'],
      ['agent_ids', 'agent_bob'],
      ['agent_ids', '国家_中国'],
    ])
    const answer = await get(`${MARKET}/variables/wealth?${query.toString()}`, variableResponse)
    const filter = { turnStart: 3, turnEnd: 66, agentIds: ['agent_bob', '国家_中国'] }
    const expected = seriesNaively(readRun(FIXTURE, MARKET), 'wealth', filter, [0, 1_000])
    const within = ({ timestamp }: { readonly timestamp: string }): boolean =>
      timestamp >= '2025-10-04T14:24:00.000000+00:00' &&
      timestamp <= '2025-10-04T14:30:00.000000+00:00'
    const { series } = variableResponse.parse({ name: '', next_cursor: null, ...expected })
    expect(answer.series).toEqual(
      series
        .map(({ agent_id: id, points }) => ({ agent_id: id, points: points.filter(within) }))
        .filter(({ points }) => points.length > 0),
    )
    expect(answer.total).toBeGreaterThan(0)
  })

  it('spells values as their lines do, and instants as turnlog does', async () => {
    const { text } = await ask(server.url, '/simulations/spelled/variables/x')
    expect(text).toBe(
      '{"name":"x","total":1,"series":[{"agent_id":null,"points":[{"event_id":"a","timestamp":"2025-10-04T14:23:45.000000+00:00","turn_number":1,"old_value":1.0,"new_value":1e400}]}],"has_more":false,"next_cursor":null}',
    )
  })

  it.each(ODD_NAMES)('finds the variable %j', async (name) => {
    const encoded = encodeURIComponent(name).replaceAll('.', '%2E')
    const answer = await get(`odd/variables/${encoded}`, variableResponse)
    expect(answer).toMatchObject({
      name,
      total: 1,
      series: [{ agent_id: null, points: [{ old_value: null, new_value: name }] }],
    })
  })
})
