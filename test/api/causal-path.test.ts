import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { causalPathResponse } from '#api/routes/find-causal-path.js'
import type { RunningServer } from '#api/server.js'
import { ask, parseProblem, serve } from '../support/api-client.js'
import { eventLine, FIXTURE, IndexedRoot, MARKET } from '../support/indexed-root.js'
import { readRun, walkNaively } from '../support/naive.js'
import { findPathNaively } from '../support/naive-path.js'

const ODD = ['e 1', 'e/2', 'e&3', 'e#4', 'e%5', 'e?6', 'é8', '..', '😀']

let indexed: IndexedRoot
let server: RunningServer

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  const odd = ODD.map((id, index) => eventLine({ id, causes: ODD.slice(0, index).slice(-1) }))
  await indexed.append({ odd: { 'events.jsonl': odd } })
  server = await serve(indexed.reader)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

function pathOf(run: string, from: string, to: string): string {
  const [encodedRun, ...ends] = [run, from, to].map(encodeURIComponent)
  return `/simulations/${encodedRun}/causality/${ends.join('/path/')}`
}

describe('GET /simulations/{simulation_id}/causality/{event_id}/path/{effect_id}', () => {
  const market = readRun(FIXTURE, MARKET).slice(0, 300)
  const [[cause, effect] = ['', '']] = market.flatMap(({ position: { eventId } }) =>
    [...walkNaively(market, eventId, 'upstream', 20)]
      .filter(([, distance]) => distance > 3)
      .map(([id]) => [id, eventId] as const),
  )

  it('answers with the events on the way, as they were recorded', async () => {
    const { status, text } = await ask(server.url, pathOf(MARKET, cause, effect))
    expect(status).toBe(200)
    const path = findPathNaively(market, cause, effect) ?? []
    expect(causalPathResponse.strict().parse(JSON.parse(text))).toMatchObject({
      from: cause,
      to: effect,
      length: path.length - 1,
      path: { length: path.length },
    })
    expect(text).toContain(`"path":[${path.map(({ line }) => line).join(',')}]}`)
  })

  it('answers with one event for the way from it to itself', async () => {
    const { text } = await ask(server.url, pathOf(MARKET, cause, cause))
    expect(JSON.parse(text)).toMatchObject({ length: 0, path: [{ event_id: cause }] })
  })

  it('takes ids with anything in them', async () => {
    for (const [index, id] of ODD.entries()) {
      const { status, text } = await ask(server.url, pathOf('odd', ODD[0] ?? '', id))
      expect({ id, status }).toEqual({ id, status: 200 })
      expect(JSON.parse(text)).toMatchObject({ to: id, length: index })
    }
  })

  it.each([
    ['the run', pathOf('nothing', cause, effect), 'no simulation has the id "nothing"'],
    ['the first event', pathOf('odd', 'x', '..'), 'simulation "odd" has no event "x"'],
    ['the second event', pathOf('odd', '..', 'y'), 'simulation "odd" has no event "y"'],
    [
      'a path, and says that one leads the other way',
      pathOf(MARKET, effect, cause),
      `no causal path leads from the event "${effect}" to the event "${cause}"; one leads from "${cause}" to "${effect}"`,
    ],
  ])('answers 404 where there is no such thing: %s', async (_what, path, message) => {
    const answer = await ask(server.url, path)
    expect(answer.status).toBe(404)
    expect(parseProblem(answer)).toMatchObject({ code: 'NOT_FOUND', message })
  })

  it('takes no parameters', async () => {
    const answer = await ask(server.url, `${pathOf(MARKET, cause, effect)}?depth=3`)
    expect(parseProblem(answer)).toMatchObject({ status: 422, details: [{ parameter: 'depth' }] })
  })
})
