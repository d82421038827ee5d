import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { routes } from '#api/routes/index.js'
import type { RunningServer } from '#api/server.js'
import { ask, serve } from '../support/api-client.js'
import { DocumentedApi } from '../support/documented.js'
import { IndexedRoot } from '../support/indexed-root.js'

let indexed: IndexedRoot
let server: RunningServer
let text: string
let api: DocumentedApi

const documented = routes.filter((route) => route.internal !== true)

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  server = await serve(indexed.reader)
  const answer = await ask(server.url, '/openapi.json')
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  })
  text = answer.text
  api = new DocumentedApi(text)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

/** Parameters as `name in: type from–to = default`. */
function spellParameters(path: string): string[] {
  return (api.document.paths[path]?.get.parameters ?? []).map(({ name, in: where, schema }) => {
    const { type, minimum, maximum, format, items } = schema
    const words = schema.enum ?? items?.enum
    return [
      `${name} in ${where}: ${type}`,
      format ?? '',
      minimum === undefined ? '' : `from ${minimum} to ${maximum ?? 'anything'}`,
      words === undefined ? '' : `of ${words.join('|')}`,
      schema.default === undefined ? '' : `= ${schema.default}`,
    ]
      .filter((part) => part !== '')
      .join(' ')
  })
}

describe('/openapi.json', () => {
  it('is OpenAPI 3.1 of this version, says a validator of such documents', async () => {
    const validator = new Validator()
    expect(
      await validator.validate(z.record(z.string(), z.unknown()).parse(JSON.parse(text))),
    ).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
    expect(api.document.info.version).toBe('1.2.3-test')
  })

  it('lists every route, and no other', () => {
    expect(Object.keys(api.document.paths)).toEqual(documented.map(({ path }) => path))
    const ids = Object.values(api.document.paths).map(({ get }) => get.operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('lists every parameter, with its type, range and default', () => {
    const run = 'simulation_id in path: string'
    const event = 'event_id in path: string'
    const bounds = [
      'start_timestamp in query: string date-time',
      'end_timestamp in query: string date-time',
      'turn_start in query: integer from 0 to 9007199254740991',
      'turn_end in query: integer from 0 to 9007199254740991',
    ]
    const filters = [
      ...bounds,
      'event_types in query: array of MILESTONE|DECISION|ACTION|STATE|DETAIL|SYSTEM|ENV',
      'agent_ids in query: array',
      'kinds in query: array',
      'involving in query: array',
      'q in query: string',
      'details.<path> in query: object',
    ]
    expect(Object.fromEntries(documented.map(({ path }) => [path, spellParameters(path)]))).toEqual(
      {
        '/health': [],
        '/simulations': [],
        '/simulations/{simulation_id}': [run],
        '/simulations/{simulation_id}/events': [
          run,
          ...filters,
          'order in query: string of asc|desc = asc',
          'limit in query: integer from 1 to 10000 = 1000',
          'offset in query: integer from 0 to 9007199254740991',
          'cursor in query: string',
          'count in query: string of exact|none = exact',
          'fields in query: array',
        ],
        '/simulations/{simulation_id}/events/stream': [
          run,
          ...filters,
          'from in query: string of now|beginning = now',
          'last_event_id in query: string',
        ],
        '/simulations/{simulation_id}/events/{event_id}': [run, event],
        '/simulations/{simulation_id}/histogram': [
          run,
          ...filters,
          'by in query: string of turn|time = turn',
          'buckets in query: integer from 1 to 1000 = 50',
          'split in query: string of type|agent',
        ],
        '/simulations/{simulation_id}/agents': [run],
        '/simulations/{simulation_id}/variables': [run],
        '/simulations/{simulation_id}/variables/{name}': [
          run,
          'name in path: string',
          ...bounds,
          'agent_ids in query: array',
          'limit in query: integer from 1 to 10000 = 1000',
          'cursor in query: string',
        ],
        '/simulations/{simulation_id}/causality/{event_id}': [
          run,
          event,
          'depth in query: integer from 1 to 20 = 5',
          'direction in query: string of upstream|downstream|both = both',
          'max_nodes in query: integer from 1 to 10000 = 1000',
        ],
        '/simulations/{simulation_id}/causality/{event_id}/path/{effect_id}': [
          run,
          event,
          'effect_id in path: string',
        ],
        '/compare': [
          'a in query: string',
          'b in query: string',
          'turn_start in query: integer from 0 to 9007199254740991',
          'turn_end in query: integer from 0 to 9007199254740991',
        ],
        '/metrics': [],
        '/openapi.json': [],
      },
    )
  })

  it('requires exactly the parameters of the path, and what a query cannot do without', () => {
    for (const [path, { get }] of Object.entries(api.document.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `${name} in path`)
      const inQuery = path === '/compare' ? ['a in query', 'b in query'] : []
      const required = (get.parameters ?? []).filter((one) => one.required)
      expect(required.map((one) => `${one.name} in ${one.in}`)).toEqual([...inPath, ...inQuery])
    }
  })

  it('asks for a token wherever runs are read', () => {
    const open = Object.entries(api.document.paths)
      .filter(([, { get }]) => get.security.length === 0)
      .map(([path]) => path)
    expect(open).toEqual(['/openapi.json'])
  })

  it('refers to nothing that it does not hold', () => {
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target)
    const held = Object.keys(api.document.components.schemas)
    expect(new Set(references)).toEqual(new Set(held.map((name) => `#/components/schemas/${name}`)))
  })
})
