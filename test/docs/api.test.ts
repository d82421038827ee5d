import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PROBLEM_CODES, problemSchema } from '#api/problem.js'
import { routes } from '#api/routes/index.js'
import type { RunningServer } from '#api/server.js'
import { ask, serve } from '../support/api-client.js'
import { IndexedRoot } from '../support/indexed-root.js'
import { StreamClient } from '../support/stream-client.js'

const page = readFileSync('docs/api.md', 'utf8')
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')))

/** What stands below each heading. */
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf('\n')), text]),
)

interface Example {
  readonly command: string
  /** The path and query it asks for. */
  readonly path: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The answer that stands below it, if one does: JSON, or lines of it. */
  readonly answer: string | undefined
  readonly isLines: boolean
  /** Of a stream, which begins like this and does not end. */
  readonly isStream: boolean
}

const examples: readonly Example[] = [
  ...page.matchAll(/^```sh\n(curl .*)\n```\n(?:\n```(jsonl?|text)\n([\s\S]*?)\n```)?/gm),
].map(([, command = '', language, answer]) => ({
  command,
  answer,
  isLines: language === 'jsonl',
  isStream: language === 'text',
  ...readCommand(command),
}))

/** Understands as much of a shell and of curl as the page uses. */
function readCommand(command: string): Pick<Example, 'path' | 'status' | 'headers'> {
  const [line = '', status] = command.split(' # ')
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  )
  const url = new URL(words.find((word) => word.startsWith('http://127.0.0.1:8000/')) ?? '')
  for (const [index, word] of words.entries()) {
    if (word !== '--data-urlencode') continue
    const [name = '', ...value] = (words[index + 1] ?? '').split('=')
    url.searchParams.append(name, value.join('='))
  }
  const header = /-H '([^:]+): ([^']+)'/.exec(line)
  const headers = header === null ? {} : { [header[1] ?? '']: header[2] ?? '' }
  return { path: url.pathname + url.search, status: Number(status ?? 200), headers }
}

/** Whether an example says nothing but what the answer says; lists may leave entries out. */
function isPartOf(example: unknown, answer: unknown): boolean {
  if (Array.isArray(example)) {
    return (
      Array.isArray(answer) &&
      (example.length > 0 || answer.length === 0) &&
      example.every((item) => answer.some((candidate) => isPartOf(item, candidate)))
    )
  }
  const [object, other] = [asObject(example), asObject(answer)]
  if (object === undefined || other === undefined) return Object.is(example, answer)
  const keys = Object.keys(object)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => key in other && isPartOf(object[key], other[key]))
  )
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return z.record(z.string(), z.unknown()).safeParse(value).data
}

let indexed: IndexedRoot
let server: RunningServer

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  server = await serve(indexed.reader, { version })
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

describe('docs/api.md', () => {
  it('has a section for every route, in their order, with an example and its answer', () => {
    const documented = [...sections.keys()].filter((heading) => heading.startsWith('`GET'))
    const shown = routes.filter((route) => route.internal !== true)
    const paths = shown.map((route) => route.path)
    expect(documented).toEqual(paths.map((path) => `\`GET ${path}\``))
    for (const { path, readsSidecar, answer } of shown) {
      const text = sections.get(`\`GET ${path}\``) ?? ''
      expect(text).toContain('```sh\ncurl ')
      if (readsSidecar) expect(text).toContain(answer === undefined ? '```text\n' : '```json\n')
    }
  })

  it.each(routes.filter((route) => route.internal !== true))(
    'names the parameters of $path, their ranges and defaults',
    (route) => {
      const text = sections.get(`\`GET ${route.path}\``) ?? ''
      const rows = new Map(
        [...text.matchAll(/^\| `([\w.<>]+)` +\| (?:path|query) .*$/gm)].map(([row, name = '']) => [
          name,
          row,
        ]),
      )
      const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const inQuery = Object.entries<z.ZodType>(route.query.shape)
      expect([...rows.keys()]).toEqual([...inPath, ...inQuery.map(([name]) => name)])
      for (const [name, parameter] of inQuery) {
        const { default: fallback, maximum } = parameter.meta() ?? {}
        const row = rows.get(name) ?? ''
        if (fallback !== undefined) {
          const shown = row.split('|').map((cell) => cell.replaceAll('`', '').trim())
          expect(shown[3]).toBe(z.coerce.string().parse(fallback))
        }
        if (typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER) {
          expect(row).toContain(`from 1 to ${maximum}`)
        }
      }
    },
  )

  it('names every code and its status', () => {
    const rows = [...page.matchAll(/^\| (\d{3}) +\| `(\w+)` +\|/gm)]
    expect(Object.fromEntries(rows.map(([, status, code = '']) => [code, Number(status)]))).toEqual(
      Object.fromEntries(Object.entries(PROBLEM_CODES).map(([code, { status }]) => [code, status])),
    )
  })

  it.each(examples.filter(({ isStream }) => !isStream))(
    'is answered as it says: $command',
    async ({ path, status, headers, answer, isLines }) => {
      const response = await ask(server.url, path, 'GET', false, headers)
      expect({ path, status: response.status }).toEqual({ path, status })
      if (answer === undefined) return
      if (isLines) {
        expect(response.headers['content-type']).toBe('application/x-ndjson')
        expect(response.text).toBe(`${answer}\n`)
        return
      }
      const shown: unknown = JSON.parse(answer)
      const given: unknown = JSON.parse(response.text)
      if (!isPartOf(shown, given)) expect(given).toEqual(shown)
      const route = routes.find(({ path: template }) => matches(template, path))
      const schema = status === 200 ? route?.response : problemSchema
      expect(schema?.safeParse(shown).success).toBe(true)
    },
  )

  it.each(examples.filter(({ isStream }) => isStream))(
    'begins as it says, and does not end: $command',
    async ({ path, answer = '' }) => {
      const client = await StreamClient.open(server.url, path)
      await client.until(({ text }) => text.length >= answer.length + 2)
      expect(client.text).toBe(`${answer}\n\n`)
      client.cut()
    },
  )

  it('shows a browser how to follow a run', async () => {
    const [, snippet = ''] = /^```js\n([^]*?)^```$/m.exec(page) ?? []
    const asked: string[] = []
    class EventSource extends EventTarget {
      static readonly CLOSED = 2
      readonly readyState = 2
      constructor(url: string) {
        super()
        asked.push(url)
        sources.push(this)
      }
    }
    const sources: EventSource[] = []
    const events: unknown[] = []
    const browser = {
      EventSource,
      setTimeout: (then: () => void) => {
        then()
      },
      onEvent: (event: unknown) => void events.push(event),
    }
    runInNewContext(`${snippet}\nfollow('a b', onEvent)`, browser)
    const message = new MessageEvent('event', { data: '{"event_id":"x"}', lastEventId: 'x%20' })
    sources[0]?.dispatchEvent(message)
    sources[0]?.dispatchEvent(new Event('error'))
    expect(events).toEqual([{ event_id: 'x' }])
    expect(asked).toEqual([
      '/simulations/a%20b/events/stream?from=now',
      '/simulations/a%20b/events/stream?last_event_id=x%2520',
    ])
    for (const path of asked) {
      const answer = await ask(server.url, path.replace('a%20b', 'solo').replace('x%2520', '%5E'))
      expect(answer.status).toBe(200)
    }
  })

  it('has no other curl line', () => {
    expect(examples).toHaveLength([...page.matchAll(/^ *\$? *curl /gm)].length)
  })
})

function matches(template: string, path: string): boolean {
  const pattern = template.replaceAll(/\{\w+\}/g, '[^/?]+')
  return new RegExp(`^${pattern}(\\?|$)`).test(path)
}
