import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { routes } from '#api/routes/index.js'
import type { RunningServer } from '#api/server.js'
import { ask, parseProblem, serve } from '../support/api-client.js'
import { DocumentedApi } from '../support/documented.js'
import { FIXTURE, IndexedRoot, MARKET } from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'

const NUM_RUNS = 3_000

let indexed: IndexedRoot
let server: RunningServer
let api: DocumentedApi

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  server = await serve(indexed.reader)
  api = new DocumentedApi((await ask(server.url, '/openapi.json')).text)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

const EVENT_ID = readRun(FIXTURE, 'solo')[20]?.position.eventId ?? ''

/** The page for people, which the document leaves out. */
const INTERNAL = /^\/docs/i

/** What a path or query may hold as it is; everything else is a `%` trick or gets encoded. */
const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map(encodeURIComponent),
  fc
    .string({ unit: 'binary', maxLength: 4 })
    .map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom(
    '%',
    '%E0%A4%A',
    '%2e%2e',
    '%2F',
    '%00',
    '%0d%0a',
    '%C0%AF',
    '%ff',
    '%25',
    '%u0041',
  ),
  fc.constantFrom(
    '..',
    '.',
    '',
    '~',
    '+',
    '*',
    '(',
    ';a=b',
    "'",
    '--',
    '$',
    ':',
    '{simulation_id}',
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', '[]', '[0]'),
)
const segment = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(MARKET, 'solo', EVENT_ID, 'wealth') },
  { weight: 3, arbitrary: piece },
  { weight: 1, arbitrary: fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('')) },
)
const path = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom(...routes.map((route) => route.path)), segment, segment, segment)
      .map(([template, run, event, effect]) =>
        template
          .replace('{simulation_id}', () => run)
          .replace(/\{(event_id|name)\}/, () => event)
          .replace('{effect_id}', () => effect),
      ),
  },
  { weight: 1, arbitrary: fc.array(segment, { maxLength: 6 }).map((all) => `/${all.join('/')}`) },
  { weight: 1, arbitrary: fc.constantFrom('/OpenAPI.json', '/Health', '//', '/health/', '/docs/') },
)

const NAMES = [
  ...routes.flatMap((route) => Object.keys(route.query.shape)),
  'details.action_type',
  'details.action_payload.amount',
]
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: piece },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...NAMES), fc.nat({ max: 8 }), piece)
      .map(([known, at, put]) => known.slice(0, at) + put + known.slice(at + 1)),
  },
)
const value = fc.oneof(
  fc.integer().map(String),
  fc.nat({ max: 30 }).map(String),
  fc.double().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('2025-10-04T14:24:00+00:00', '2025-10-04T14:24:00.5Z', '2025-10-04+14:24:00'),
  fc.constantFrom('ACTION', 'STATE', 'ENV', 'agent_bob', 'asc', 'desc', 'both', 'upstream'),
  fc.constantFrom(MARKET, 'solo'),
  fc.constantFrom('turn', 'time', 'type', 'agent'),
  fc.constantFrom('agent*', '-a+%22b+c%22+NEAR(x', '"', 'exact', 'none', 'event_id', '1.0', 'null'),
  fc.constantFrom(cursorOf([1, 'asc', 1, 'x']), cursorOf([1, 'desc', -1e15, '\0']), cursorOf({})),
  piece,
)
const query = fc.oneof(
  fc
    .array(fc.tuple(name, value), { maxLength: 5 })
    .map((pairs) => pairs.map((pair) => pair.join('=')).join('&')),
  fc
    .array(fc.oneof(piece, fc.constantFrom('&', '=', '?', '/')), { maxLength: 8 })
    .map((all) => all.join('')),
)

function cursorOf(parts: unknown): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

it('never answers any request with a fault, and every refusal as it promises', async () => {
  const statuses = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(path, fc.option(query, { nil: undefined }), async (asked, search) => {
      const target = search === undefined ? asked : `${asked}?${search}`
      const answer = await ask(server.url, target)
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      expect(answer.status).toBeLessThan(500)
      if (!INTERNAL.test(target)) api.expectDocumented(target, answer)
      if (answer.status !== 200) parseProblem(answer)
    }),
    { numRuns: NUM_RUNS },
  )
  // Unless it meets all of these, it tries too little.
  expect([...statuses.keys()].sort()).toEqual([200, 400, 404, 422])
})

const method = fc.constantFrom(
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'PUT',
  'DELETE',
  'TRACE',
  'PROPFIND',
)
/** What a header may hold; a client sends no other characters. */
const headerText = fc.oneof(
  fc.stringMatching(/^[\x21-\x7e\xa1-\xff]{0,40}$/),
  fc.constantFrom(
    '*',
    '""',
    'W/"x"',
    'Bearer',
    'localhost',
    'gzip;q=0',
    'null',
    '100-continue',
    '-1',
  ),
)
const headerName = fc.constantFrom(
  'Accept',
  'Access-Control-Request-Method',
  'Authorization',
  'Cache-Control',
  'Content-Type',
  'Cookie',
  'Expect',
  'Host',
  'If-Modified-Since',
  'If-None-Match',
  'Last-Event-ID',
  'Origin',
  'Range',
  'X-Forwarded-For',
  'X-Request-Id',
)

it('nor whatever its method and its headers are', async () => {
  const tokens = ['a-token-of-this-test']
  const guarded = await serve(indexed.reader, { settings: { tokens, rateLimit: 1_000_000 } })
  const statuses = new Set<number>()
  const headers = fc.dictionary(headerName, headerText, { maxKeys: 4 })
  await fc.assert(
    fc.asyncProperty(method, path, headers, fc.boolean(), async (verb, asked, some, isKnown) => {
      const all = isKnown ? { Authorization: 'Bearer a-token-of-this-test', ...some } : some
      const answer = await ask(guarded.url, asked, verb, false, all)
      statuses.add(answer.status)
      expect(answer.status).toBeLessThan(500)
      if (verb === 'GET' && !INTERNAL.test(asked)) api.expectDocumented(asked, answer)
      else if (answer.status >= 400 && verb !== 'HEAD') parseProblem(answer)
    }),
    { numRuns: 2_000 },
  )
  await guarded.close()
  expect([...statuses].sort()).toEqual(expect.arrayContaining([200, 204, 401, 404, 405, 421]))
})
