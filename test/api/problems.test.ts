import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Problem, toApiError } from '#api/problem.js'
import type { RunningServer } from '#api/server.js'
import { TurnlogError } from '#src/errors.js'
import { ask, parseProblem, serve } from '../support/api-client.js'
import { IndexedRoot, MARKET } from '../support/indexed-root.js'

let indexed: IndexedRoot
let server: RunningServer

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  server = await serve(indexed.reader)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

const EVENTS = `/simulations/${MARKET}/events`
const HISTOGRAM = `/simulations/${MARKET}/histogram`
const VARIABLE = `/simulations/${MARKET}/variables/wealth`

async function refuse(status: number, path: string, method = 'GET'): Promise<Problem> {
  const answer = await ask(server.url, path, method)
  expect({ path, status: answer.status }).toEqual({ path, status })
  return parseProblem(answer)
}

/** The parameters an answer names, with what it says of each. */
async function refusedParameters(path: string): Promise<Record<string, string>> {
  const { code, details, message } = await refuse(422, path)
  expect(code).toBe('INVALID_PARAMETER')
  for (const { parameter } of details) expect(message).toContain(parameter)
  expect(new Set(details.map((detail) => detail.parameter)).size).toBe(details.length)
  return Object.fromEntries(details.map((detail) => [detail.parameter, detail.message]))
}

describe('404', () => {
  it.each([
    '/',
    '/nothing',
    '/simulation',
    '/simulations/nothing',
    '/simulations/nothing/events',
    '/simulations/nothing/events/x',
    '/simulations/nothing/causality/x',
    '/simulations/nothing/histogram',
    '/simulations/nothing/agents',
    '/simulations/nothing/variables',
    '/simulations/nothing/variables/wealth',
    `/simulations/${MARKET}/variables/Wealth`,
    `/simulations/${MARKET}/variables/trade`,
    `/simulations/${MARKET}/variables/wealth%00`,
    `/simulations/${MARKET}/variables/%00`,
    `/simulations/${MARKET}/variables/%2e%2e`,
    `/simulations/${MARKET}/variables/a/b`,
    `/simulations/${MARKET}/variables/a%2Fb`,
    '/simulations/solo/variables/wealth',
    `${EVENTS}/nothing`,
    `/simulations/${MARKET}/causality/nothing`,
    `/simulations/${MARKET}/causality`,
    `/simulations/${MARKET}/causality/nothing/path`,
    `/simulations/${MARKET}/causality/nothing/path/nothing`,
    '/compare?a=solo&b=nothing',
    `/simulations/${MARKET}/events/a/b`,
    `/simulations/${MARKET.toUpperCase()}`,
    '/simulations/%2e%2e',
    '/simulations/%2e%2e%2fsolo/events',
    '/simulations/%00/events',
    `/simulations/solo%00/events`,
    `${EVENTS}/%00`,
    '/simulations/.turnlog',
    '/simulations//events',
    '/simulations/__proto__',
    '/simulations/%F0%9F%98%80',
    `/simulations/${'x'.repeat(8_000)}`,
  ])('for %s', async (path) => {
    expect(await refuse(404, path)).toMatchObject({ code: 'NOT_FOUND', details: [] })
  })
})

describe('400', () => {
  it.each(['%E0%A4%A', '%', '%ZZ', '%C3%28', '%ff'])('for a path with %s in it', async (part) => {
    for (const path of [
      `/simulations/${part}`,
      `/simulations/${part}/events`,
      `${EVENTS}/${part}`,
      `/simulations/${MARKET}/variables/${part}`,
    ]) {
      expect(await refuse(400, path)).toMatchObject({ code: 'INVALID_PATH', title: 'Bad Request' })
    }
  })
})

describe('405', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('for %s, naming what is allowed', async (method) => {
    for (const path of ['/health', '/simulations', '/simulations/x', EVENTS, '/openapi.json']) {
      const answer = await ask(server.url, path, method)
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } })
      expect(parseProblem(answer)).toMatchObject({ code: 'METHOD_NOT_ALLOWED' })
    }
  })
})

describe('422', () => {
  const wrongIntegers = [
    '',
    '-1',
    '1.5',
    '1e3',
    '%201',
    '1%20',
    '+1',
    '%2B1',
    '0x10',
    'NaN',
    '%D9%A1',
    'null',
  ]
  const hugeIntegers = ['9007199254740992', '99999999999999999999', '1'.repeat(400)]
  const integers: readonly (readonly [
    path: string,
    parameter: string,
    extra: readonly string[],
  ])[] = [
    [EVENTS, 'limit', ['0', '10001', ...hugeIntegers]],
    [EVENTS, 'offset', hugeIntegers],
    [EVENTS, 'turn_start', hugeIntegers],
    [EVENTS, 'turn_end', hugeIntegers],
    [HISTOGRAM, 'buckets', ['0', '1001', ...hugeIntegers]],
    [HISTOGRAM, 'turn_start', hugeIntegers],
    [VARIABLE, 'limit', ['0', '10001', ...hugeIntegers]],
    [VARIABLE, 'turn_end', hugeIntegers],
    [`/simulations/${MARKET}/causality/x`, 'depth', ['0', '21', ...hugeIntegers]],
    [`/simulations/${MARKET}/causality/x`, 'max_nodes', ['0', '10001', ...hugeIntegers]],
  ]
  it.each(integers)(
    'on %s for a %s that is no whole number in its range',
    async (path, name, extra) => {
      for (const value of [...wrongIntegers, ...extra]) {
        const named = await refusedParameters(`${path}?${name}=${value}`)
        expect(Object.keys(named)).toEqual([name])
        expect(named[name]).toMatch(/^must be a whole number from \d+ to \d+$/)
      }
    },
  )

  it('takes the largest and the smallest there are', async () => {
    const largest = Number.MAX_SAFE_INTEGER
    for (const query of [
      `offset=${largest}&limit=10000`,
      `turn_start=${largest}`,
      `turn_end=${largest}`,
    ]) {
      expect((await ask(server.url, `${EVENTS}?${query}`)).status).toBe(200)
    }
    const both = `${EVENTS}?turn_start=0&turn_end=0&limit=1&offset=0`
    expect((await ask(server.url, both)).status).toBe(200)
  })

  it.each(['start_timestamp', 'end_timestamp'])('for a %s that is none', async (name) => {
    const wrong = [
      '',
      'now',
      '2025-10-04',
      '2025-13-01T00:00:00Z',
      '2025-02-29T00:00:00Z',
      '1700000000',
    ]
    for (const value of [...wrong, '9999-01-01T00:00:00Z', '2025-10-04T14:23:45+25:00', '%00']) {
      expect(await refusedParameters(`${EVENTS}?${name}=${value}`)).toEqual({
        [name]: 'must be an ISO 8601 date and time, like 2025-10-04T14:23:45.123456+00:00',
      })
    }
  })

  it('for words that are not among those there are', async () => {
    expect(
      await refusedParameters(`${EVENTS}?event_types=ACTION&event_types=action&event_types=`),
    ).toEqual({
      event_types: 'must be one of MILESTONE, DECISION, ACTION, STATE, DETAIL, SYSTEM, ENV',
    })
    expect(await refusedParameters(`${EVENTS}?event_types=ACTION,ENV`)).toHaveProperty(
      'event_types',
    )
    expect(await refusedParameters(`${EVENTS}?order=ASC`)).toEqual({ order: 'must be asc or desc' })
    expect(await refusedParameters(`/simulations/solo/causality/x?direction=up`)).toEqual({
      direction: 'must be upstream, downstream or both',
    })
    expect(await refusedParameters(`${HISTOGRAM}?by=Turn&split=kind`)).toEqual({
      by: 'must be turn or time',
      split: 'must be type or agent',
    })
  })

  it('for an agent without a name, or with a NUL in it', async () => {
    expect(await refusedParameters(`${EVENTS}?agent_ids=`)).toEqual({
      agent_ids: 'must not be empty',
    })
    expect(await refusedParameters(`${EVENTS}?agent_ids=a%00b`)).toEqual({
      agent_ids: 'must not hold a NUL character',
    })
  })

  it('for a cursor that is not ours, or goes the other way', async () => {
    const { text } = await ask(server.url, `${EVENTS}?limit=1`)
    const cursor = /"next_cursor":"([^"]+)"/.exec(text)?.[1] ?? ''
    expect((await ask(server.url, `${EVENTS}?cursor=${cursor}`)).status).toBe(200)
    for (const wrong of ['', 'x', '%00', `${cursor}x`, cursor.slice(3)]) {
      expect(await refusedParameters(`${EVENTS}?cursor=${wrong}`)).toEqual({
        cursor: 'was not made by turnlog',
      })
    }
    expect((await ask(server.url, `${VARIABLE}?cursor=${cursor}`)).status).toBe(200)
    for (const wrong of ['', 'x', '%00']) {
      expect(await refusedParameters(`${VARIABLE}?cursor=${wrong}`)).toEqual({
        cursor: 'was not made by turnlog',
      })
    }
    expect(await refusedParameters(`${EVENTS}?cursor=${cursor}&order=desc`)).toEqual({
      cursor: 'goes on in order=asc',
    })
    expect(await refusedParameters(`${EVENTS}?cursor=${cursor}&offset=0`)).toEqual({
      offset: 'cannot be used together with cursor',
    })
  })

  it('for a search that is none', async () => {
    for (const [q, message] of [
      ['', 'must have a letter or a digit to look for'],
      ['-a', 'must have a word that is to occur, without a -'],
      ['%22a', 'must not begin a " that does not end'],
      ['a%00', 'must not hold a NUL character'],
      [Array.from({ length: 17 }, (_, n) => `a${n}`).join('+'), 'must not have more than 16 words'],
      ['a'.repeat(1_001), 'must not be longer than 1000 characters'],
    ]) {
      expect(await refusedParameters(`${EVENTS}?q=${q ?? ''}`)).toEqual({ q: message })
    }
  })

  it('for a place in the details that is none, by the name it was given', async () => {
    const emptyKey = 'must name a key before and behind every dot'
    expect(
      await refusedParameters(
        `${EVENTS}?details.=1&details..a=1&details.a%00=1&details.${'k.'.repeat(16)}k=1&details.${'k'.repeat(501)}=1&details.a=%ff&details.%ff=1&details.b=1&details.b=2`,
      ),
    ).toEqual({
      'details.': emptyKey,
      'details..a': emptyKey,
      'details.a\0': 'must not hold a NUL character',
      [`details.${'k.'.repeat(16)}k`]: 'must not have more than 16 keys',
      [`details.${'k'.repeat(42)}…`]: 'must not be longer than 500 characters',
      'details.a': 'must be UTF-8, percent-encoded',
      'details.%ff': 'must be UTF-8, percent-encoded',
      'details.b': 'must be given once, not 2 times',
    })
    expect(
      await refusedParameters(
        `${EVENTS}?details.a=${'1'.repeat(4_097)}&details.b=${'1'.repeat(4_096)}`,
      ),
    ).toEqual({ 'details.a': 'must not be longer than 4096 characters' })
    const many = Array.from({ length: 17 }, (_, index) => `details.k${index}=1`).join('&')
    expect(await refusedParameters(`${EVENTS}?${many}`)).toEqual({
      'details.<path>': 'must not be more than 16',
    })
    expect(await refusedParameters(`${EVENTS}?details=1`)).toEqual({
      details: 'is not a parameter of this endpoint; did you mean details.<path>?',
    })
  })

  it('for keys of events that are none, or too many', async () => {
    expect(await refusedParameters(`${EVENTS}?fields=&count=all`)).toEqual({
      fields: 'must not be empty',
      count: 'must be exact or none',
    })
    expect(await refusedParameters(`${EVENTS}?fields=a%00`)).toEqual({
      fields: 'must not hold a NUL character',
    })
    expect(await refusedParameters(`${EVENTS}?${'fields=a&'.repeat(51)}`)).toEqual({
      fields: 'must not be more than 50',
    })
  })

  it('for a question that takes too long', async () => {
    const hasty = await serve(indexed.reader, { settings: { queryTimeout: 0 } })
    for (const query of ['q=agent', 'details.a=1']) {
      const answer = await ask(hasty.url, `${EVENTS}?${query}`)
      expect(parseProblem(answer)).toMatchObject({
        status: 422,
        code: 'QUERY_TOO_BROAD',
        details: [],
      })
      const lines = { Accept: 'application/x-ndjson' }
      expect((await ask(hasty.url, `${EVENTS}?${query}`, 'GET', false, lines)).status).toBe(200)
    }
    await hasty.close()
  })

  it('for a parameter given twice that can be given once', async () => {
    expect(
      await refusedParameters(`${EVENTS}?limit=1&limit=1&order=asc&order=desc&order=asc`),
    ).toEqual({
      limit: 'must be given once, not 2 times',
      order: 'must be given once, not 3 times',
    })
  })

  it('for a parameter there is none of, with the nearest there is', async () => {
    const unknown = 'is not a parameter of this endpoint'
    expect(
      await refusedParameters(
        `${EVENTS}?agent_id=x&Limit=1&event_type=ACTION&page=2&turnstart=1&__proto__=1&constructor=1`,
      ),
    ).toEqual(
      Object.fromEntries([
        ['agent_id', `${unknown}; did you mean agent_ids?`],
        ['Limit', `${unknown}; did you mean limit?`],
        ['event_type', `${unknown}; did you mean event_types?`],
        ['page', unknown],
        ['turnstart', `${unknown}; did you mean turn_start?`],
        ['__proto__', unknown],
        ['constructor', unknown],
      ]),
    )
    for (const path of [
      '/health',
      '/simulations',
      '/simulations/solo',
      '/openapi.json',
      `${EVENTS}/x`,
    ]) {
      expect(await refusedParameters(`${path}?limit=1`)).toEqual({ limit: unknown })
    }
    expect(await refusedParameters(`${EVENTS}?limit%5B%5D=1`)).toEqual({
      'limit[]': `${unknown}; did you mean limit?`,
    })
    expect(await refusedParameters(`${EVENTS}?=1`)).toEqual({ '': unknown })
  })

  it('for a value that is not UTF-8, percent-encoded', async () => {
    for (const value of ['%', '%ZZ', '%ff', '%C0%AF', '%ED%A0%80', '%u0041', 'a%E0%A4%A']) {
      for (const name of ['agent_ids', 'cursor', 'limit']) {
        expect(await refusedParameters(`${EVENTS}?${name}=${value}`)).toEqual({
          [name]: 'must be UTF-8, percent-encoded',
        })
      }
    }
    expect(Object.keys(await refusedParameters(`${EVENTS}?%ff=1&%=2`))).toEqual(['%ff', '%'])
  })

  it('for a cursor with a NUL in it', async () => {
    const cursor = Buffer.from('[1,"asc",1,"a\\u0000"]').toString('base64url')
    expect((await ask(server.url, `${EVENTS}?cursor=${cursor}`)).status).toBeLessThan(500)
    expect(await refusedParameters(`${EVENTS}?cursor=%00`)).toHaveProperty('cursor')
  })

  it('within a moment for thousands of them, naming the first hundred, and long names in part', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `turn_stat${index}`).join('&')
    const named = Object.keys(await refusedParameters(`${EVENTS}?${many}`))
    expect(named).toHaveLength(100)
    const [long = ''] = Object.keys(await refusedParameters(`${EVENTS}?${'x'.repeat(100_000)}=1`))
    expect(long).toBe(`${'x'.repeat(50)}…`)
  })

  it('for bounds that leave nothing between them', async () => {
    const query =
      'turn_start=5&turn_end=4&start_timestamp=2025-01-02T00:00:00Z&end_timestamp=2025-01-01T23:59:59.999999Z'
    for (const path of [EVENTS, HISTOGRAM, VARIABLE]) {
      expect(await refusedParameters(`${path}?${query}`)).toEqual({
        turn_end: 'must not be smaller than turn_start',
        end_timestamp: 'must not be earlier than start_timestamp',
      })
    }
  })

  it('names all that is wrong at once', async () => {
    const query =
      'turn_start=9&turn_end=3&start_timestamp=2025-01-02T00:00:00Z&end_timestamp=2025-01-01T00:00:00Z' +
      '&limit=0&event_types=X&agent_ids=&cursor=junk&offset=2&order=asc&order=asc&nothing=1'
    expect(Object.keys(await refusedParameters(`${EVENTS}?${query}`)).sort()).toEqual(
      [
        'agent_ids',
        'cursor',
        'end_timestamp',
        'event_types',
        'limit',
        'nothing',
        'offset',
        'order',
        'turn_end',
      ].sort(),
    )
  })

  it('before looking whether the run is there', async () => {
    await refuse(422, '/simulations/nothing/events?limit=0')
  })
})

describe('503', () => {
  it('says of a search when to try again', () => {
    const error = new TurnlogError('SEARCH_UNAVAILABLE', { message: 'behind', hint: 'wait' })
    expect(toApiError(error)).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
  })
})
