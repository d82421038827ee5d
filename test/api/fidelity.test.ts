import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventsResponse } from '#api/routes/list-events.js'
import type { RunningServer } from '#api/server.js'
import { ask, serve } from '../support/api-client.js'
import { jsonText } from '../support/hostile-json.js'
import { IndexedRoot } from '../support/indexed-root.js'

const HEAD = '"timestamp":"2025-10-04T14:23:45.123456+00:00","turn_number":3,"event_type":"ENV"'

/** Each spells something that parsing and printing would change. */
const LINES: Readonly<Record<string, string>> = {
  plain: `{"event_id":"plain",${HEAD}}`,
  floats: `{"event_id":"floats",${HEAD},"details":{"a":1.0,"b":1e22,"c":-0.0,"d":1E+2,"e":2.50}}`,
  integers: `{"event_id":"integers",${HEAD},"details":{"a":9007199254740993,"b":-123456789012345678901234567890}}`,
  infinite: `{"event_id":"infinite",${HEAD},"details":{"a":1e400}}`,
  nulls: `{"event_id":"nulls",${HEAD},"agent_id":null,"caused_by":null,"description":null,"details":null}`,
  someNulls: `{"event_id":"someNulls",${HEAD},"agent_id":null,"details":{"old_value":null}}`,
  unknown: `{"event_id":"unknown",${HEAD},"run":{"x":[1.0]},"__proto__":{"a":1},"toString":null}`,
  order: `{"details":{},"event_type":"STATE","turn_number":0,"timestamp":"2025-10-04T14:23:45Z","event_id":"order"}`,
  whitespace: `  { "event_id" :\t"whitespace" , ${HEAD},  "details" : { "a" : [ 1 , 2 ] } }  `,
  escapes: `{"event_id":"esc\\u0061pes",${HEAD},"description":"\\u00e9\\/\\ud83d\\ude00\\ud83d"}`,
  separators: `{"event_id":"separators",${HEAD},"description":"\u2028 \u2029 \u0085 \ufeff \u007f"}`,
  nul: `{"event_id":"nul",${HEAD},"description":"a\\u0000b","agent_id":"n\\u0000l"}`,
  time: `{"event_id":"time","timestamp":"2025-10-04 16:23:45.1234567890+02:00","turn_number":1e2,"event_type":"DETAIL"}`,
  twice: `{"event_id":"x","event_id":"twice",${HEAD},"details":1,"details":{"a":2}}`,
  odd: `{"event_id":"odd",${HEAD},"agent_id":7,"caused_by":"plain","description":[],"details":"text"}`,
}

let indexed: IndexedRoot
let server: RunningServer

beforeAll(async () => {
  const lines = Object.values(LINES)
  indexed = await IndexedRoot.of({
    run: { 'events.jsonl': [...lines, effect('effect', ...Object.keys(LINES))] },
  })
  server = await serve(indexed.reader)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

function effect(id: string, ...causes: readonly string[]): string {
  return `{"event_id":"${id}",${HEAD},"caused_by":${JSON.stringify(causes)}}`
}

async function getText(path: string): Promise<string> {
  const { status, text } = await ask(server.url, `/simulations/${path}`)
  expect({ status, text }).toMatchObject({ status: 200 })
  return text
}

describe('what was written', () => {
  it.each(Object.entries(LINES))('comes back to the letter as an event: %s', async (id, line) => {
    expect(await getText(`run/events/${id}`)).toBe(line)
  })

  it.each(Object.entries(LINES))(
    'stands to the letter in pages and walks: %s',
    async (id, line) => {
      for (const path of ['run/events', `run/causality/effect`, `run/causality/${id}`]) {
        const text = await getText(path)
        expect(text).toContain(line)
        JSON.parse(text)
      }
    },
  )

  it.each(Object.entries(LINES))(
    'keeps its spelling where only a part is asked for: %s',
    async (id, line) => {
      const query = 'fields=event_id&fields=details&fields=description&fields=timestamp&limit=10000'
      const { events } = eventsResponse.parse(JSON.parse(await getText(`run/events?${query}`)))
      const parsed = JSON.parse(line) as Record<string, unknown>
      const keys = ['event_id', 'details', 'description', 'timestamp']
      const part = Object.fromEntries(Object.entries(parsed).filter(([key]) => keys.includes(key)))
      expect(events).toContainEqual(part)
      const text = await getText(`run/events?fields=details`)
      for (const [, details] of [...line.matchAll(/"details":(\{.*\})\}$/g)]) {
        expect(text, id).toContain(`{"details":${details ?? ''}}`)
      }
    },
  )

  it('makes a page of nothing but its lines', async () => {
    const text = await getText('run/events?limit=3&event_types=DETAIL')
    expect(text).toBe(
      `{"events":[${LINES['time'] ?? ''}],"total":1,"has_more":false,"next_cursor":null}`,
    )
  })

  it('comes back to the letter whatever it is', async () => {
    const details = fc.array(jsonText, { minLength: 1, maxLength: 20 })
    let runs = 0
    await fc.assert(
      fc.asyncProperty(details, async (values) => {
        const run = `any${runs++}`
        const lines = values.map(
          (value, index) => `{"event_id":"${index}",${HEAD},"details":${value}}`,
        )
        await indexed.append({ [run]: { 'events.jsonl': lines } })
        const sorted = lines
          .map((line, index) => ({ line, id: index.toString() }))
          .sort((a, b) => (a.id < b.id ? -1 : 1))
        const text = await getText(`${run}/events`)
        expect(text).toBe(
          `{"events":[${sorted.map(({ line }) => line).join(',')}],"total":${lines.length},"has_more":false,"next_cursor":null}`,
        )
      }),
      { numRuns: 60 },
    )
  })
})
