import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { comparisonResponse } from '#api/routes/compare-runs.js'
import type { RunningServer } from '#api/server.js'
import { ask, parseProblem, serve } from '../support/api-client.js'
import { FIXTURE, IndexedRoot, MARKET } from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { compareNaively } from '../support/naive-comparison.js'

const ODD_RUN = 'a & b = ü国?'

let indexed: IndexedRoot
let server: RunningServer

function decision(run: string, agent: number, value: string): string {
  return `{"event_id":"${run}${agent}","timestamp":"2026-01-01T00:00:00Z","turn_number":1,"event_type":"DECISION","agent_id":"agent ${agent}","details":{"n":${value}}}`
}

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  const agents = Array.from({ length: 150 }, (_, agent) => agent)
  await indexed.append({
    [ODD_RUN]: { 'events.jsonl': agents.map((agent) => decision('odd', agent, '1.0')) },
    even: { 'events.jsonl': agents.map((agent) => decision('even', agent, '2e0')) },
  })
  server = await serve(indexed.reader)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

function pathOf(query: Readonly<Record<string, string>>): string {
  return `/compare?${new URLSearchParams(query).toString()}`
}

describe('GET /compare', () => {
  it('answers where two runs part, with the events as they were recorded', async () => {
    const { status, text } = await ask(server.url, pathOf({ a: MARKET, b: 'solo' }))
    expect(status).toBe(200)
    const answer = comparisonResponse.strict().parse(JSON.parse(text))
    const [first] = compareNaively(readRun(FIXTURE, MARKET), readRun(FIXTURE, 'solo'))
    const aspects = first?.aspects ?? []
    expect(aspects.length).toBeGreaterThan(0)
    expect(answer).toMatchObject({
      a: { id: MARKET, event_count: 2000, first_turn: 0, last_turn: 70 },
      b: { id: 'solo', event_count: 41, events_by_type: { DECISION: 13 } },
      first_difference: {
        turn_number: first?.turn,
        aspects: aspects.map(({ aspect }) => aspect),
        counts: {
          a: Object.fromEntries(aspects.map(({ aspect, a }) => [aspect, a.length])),
          b: Object.fromEntries(aspects.map(({ aspect, b }) => [aspect, b.length])),
        },
      },
    })
    for (const { aspect, a, b } of aspects) {
      for (const alone of [a, b]) {
        expect(text).toContain(`"${aspect}":[${alone.map(({ line }) => line).join(',')}]`)
      }
    }
  })

  it('answers that a run does not differ from itself', async () => {
    const { text } = await ask(server.url, pathOf({ a: 'solo', b: 'solo' }))
    expect(JSON.parse(text)).toMatchObject({
      first_difference: null,
      first_differing_turn: { decisions: null, actions: null, state: null },
      compared_turns: { first: 0, last: 4 },
    })
  })

  it('compares the turns between bounds', async () => {
    const runs = { a: MARKET, b: 'solo' }
    const { text } = await ask(server.url, pathOf({ ...runs, turn_start: '69', turn_end: '70' }))
    expect(JSON.parse(text)).toMatchObject({
      first_difference: { turn_number: 69 },
      compared_turns: { first: 69 },
    })
    const none = await ask(server.url, pathOf({ ...runs, turn_start: '71' }))
    expect(JSON.parse(none.text)).toMatchObject({
      first_difference: null,
      compared_turns: { first: null, last: null },
    })
  })

  it('shows a hundred events of each run, spelled as they were, and counts them all', async () => {
    const { text } = await ask(server.url, pathOf({ a: ODD_RUN, b: 'even' }))
    const { first_difference: difference } = comparisonResponse.parse(JSON.parse(text))
    expect(difference).toMatchObject({
      aspects: ['decisions'],
      a: { decisions: { length: 100 } },
      b: { decisions: { length: 100 } },
      counts: { a: { decisions: 150 }, b: { decisions: 150 } },
    })
    expect(text).toContain('{"n":1.0}')
    expect(text).toContain('{"n":2e0}')
  })

  it.each([
    [{ a: 'nothing', b: 'solo' }, 'no simulation has the id "nothing"'],
    [{ a: 'solo', b: 'no\0thing' }, 'no simulation has the id "no\\u0000thing"'],
  ])('answers 404 for runs of which there is only one: %j', async (query, message) => {
    const answer = await ask(server.url, pathOf(query))
    expect(answer.status).toBe(404)
    expect(parseProblem(answer)).toMatchObject({ code: 'NOT_FOUND', message })
  })

  it.each([
    ['', { a: 'must be given', b: 'must be given' }],
    ['a=solo', { b: 'must be given' }],
    ['a=&b=solo', { a: 'must not be empty' }],
    ['a=solo&a=solo&b=solo', { a: 'must be given once, not 2 times' }],
    ['a=%ff&b=solo', { a: 'must be UTF-8, percent-encoded' }],
    ['a=solo&b=solo&c=solo', { c: 'is not a parameter of this endpoint' }],
    [
      'a=x&b=y&turn_start=-1',
      { turn_start: `must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}` },
    ],
    ['a=x&b=y&turn_start=2&turn_end=1', { turn_end: 'must not be smaller than turn_start' }],
    [
      'b=y&turn_start=2&turn_end=1',
      { a: 'must be given', turn_end: 'must not be smaller than turn_start' },
    ],
  ])('answers 422 and names what is wrong: %s', async (query, wrong) => {
    const answer = await ask(server.url, `/compare?${query}`)
    expect(answer.status).toBe(422)
    const { code, details } = parseProblem(answer)
    expect(code).toBe('INVALID_PARAMETER')
    expect(Object.fromEntries(details.map((one) => [one.parameter, one.message]))).toMatchObject(
      wrong,
    )
    expect(details).toHaveLength(Object.keys(wrong).length)
  })
})
