import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { routes } from '#api/routes/index.js'
import type { RunningServer } from '#api/server.js'
import { ask, serve } from '../support/api-client.js'
import { IndexedRoot } from '../support/indexed-root.js'

const reference = z.strictObject({ $ref: z.string() })

/** The part of JSON Schema that the document uses; anything else is refused. */
const parameterSchema = z.strictObject({
  type: z.enum(['string', 'integer', 'array']),
  description: z.string(),
  format: z.literal('date-time').optional(),
  minimum: z.int().optional(),
  maximum: z.int().optional(),
  enum: z.array(z.string()).optional(),
  default: z.union([z.string(), z.int()]).optional(),
  items: z
    .strictObject({
      type: z.literal('string'),
      enum: z.array(z.string()).optional(),
      minLength: z.int().optional(),
    })
    .optional(),
})

const parameter = z.strictObject({
  name: z.string().min(1),
  in: z.enum(['path', 'query']),
  required: z.boolean(),
  description: z.string().min(1),
  schema: parameterSchema,
})

const response = z.strictObject({
  description: z.string().min(1),
  content: z.partialRecord(
    z.enum(['application/json', 'application/problem+json']),
    z.strictObject({ schema: reference }),
  ),
})

const operation = z.strictObject({
  operationId: z.string().regex(/^[a-z][A-Za-z]+$/),
  summary: z.string().min(1),
  parameters: z.array(parameter).optional(),
  responses: z.record(z.string().regex(/^\d{3}$/), response),
})

const documentSchema = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.string() })),
  paths: z.record(z.string().startsWith('/'), z.strictObject({ get: operation })),
  components: z.strictObject({
    schemas: z.record(z.string(), z.looseObject({ type: z.literal('object') })),
    parameters: z.strictObject({}).optional(),
  }),
  webhooks: z.strictObject({}).optional(),
})

let indexed: IndexedRoot
let server: RunningServer
let text: string
let document: z.infer<typeof documentSchema>

beforeAll(async () => {
  indexed = await IndexedRoot.of({})
  server = await serve(indexed.reader)
  const answer = await ask(server.url, '/openapi.json')
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  })
  text = answer.text
  document = documentSchema.parse(JSON.parse(text))
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

/** Parameters as `name in: type from–to = default`. */
function spellParameters(path: string): string[] {
  return (document.paths[path]?.get.parameters ?? []).map(({ name, in: where, schema }) => {
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
  it('is OpenAPI 3.1 of this version', () => {
    expect(document.info.version).toBe('1.2.3-test')
  })

  it('lists every route, and no other', () => {
    expect(Object.keys(document.paths)).toEqual(routes.map(({ path }) => path))
    const ids = Object.values(document.paths).map(({ get }) => get.operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('lists every parameter, with its type, range and default', () => {
    const run = 'simulation_id in path: string'
    const event = 'event_id in path: string'
    expect(Object.fromEntries(routes.map(({ path }) => [path, spellParameters(path)]))).toEqual({
      '/health': [],
      '/simulations': [],
      '/simulations/{simulation_id}': [run],
      '/simulations/{simulation_id}/events': [
        run,
        'start_timestamp in query: string date-time',
        'end_timestamp in query: string date-time',
        'turn_start in query: integer from 0 to 9007199254740991',
        'turn_end in query: integer from 0 to 9007199254740991',
        'event_types in query: array of MILESTONE|DECISION|ACTION|STATE|DETAIL|SYSTEM|ENV',
        'agent_ids in query: array',
        'order in query: string of asc|desc = asc',
        'limit in query: integer from 1 to 10000 = 1000',
        'offset in query: integer from 0 to 9007199254740991',
        'cursor in query: string',
      ],
      '/simulations/{simulation_id}/events/{event_id}': [run, event],
      '/simulations/{simulation_id}/causality/{event_id}': [
        run,
        event,
        'depth in query: integer from 1 to 20 = 5',
        'direction in query: string of upstream|downstream|both = both',
        'max_nodes in query: integer from 1 to 10000 = 1000',
      ],
    })
  })

  it('requires exactly the parameters of the path', () => {
    for (const [path, { get }] of Object.entries(document.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const required = (get.parameters ?? []).filter((one) => one.required)
      expect(required.map(({ name }) => name)).toEqual(inPath)
      expect(required.every((one) => one.in === 'path')).toBe(true)
    }
  })

  it('names what each route answers', () => {
    for (const { path, notFound } of routes) {
      const responses = document.paths[path]?.get.responses ?? {}
      const statuses = notFound === undefined ? ['200', '422', '503'] : ['200', '404', '422', '503']
      expect(Object.keys(responses)).toEqual(statuses)
      for (const [status, { content }] of Object.entries(responses)) {
        const type = status === '200' ? 'application/json' : 'application/problem+json'
        expect(Object.keys(content)).toEqual([type])
      }
    }
  })

  it('refers to nothing that it does not hold', () => {
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target)
    const held = Object.keys(document.components.schemas)
    expect(new Set(references)).toEqual(new Set(held.map((name) => `#/components/schemas/${name}`)))
  })
})
