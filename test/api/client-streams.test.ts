import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TurnlogClient, TurnlogConnectionError } from '#api/client/index.js'
import { serve } from '../support/api-client.js'
import { answerInPieces, inPieces } from '../support/cut-text.js'
import { eventually } from '../support/eventually.js'
import { eventLine, withIndexedRoot } from '../support/indexed-root.js'
import { answer, begin, ScriptedServer } from '../support/scripted-server.js'

const TYPE = 'application/x-ndjson; charset=utf-8'

function linesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => eventLine({ id: `e${index}` }))
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('streamEvents', () => {
  it('gives every line as an event, and asks as for pages', async () => {
    const details = { note: 'Grain & Co.', a: { b: 1 } }
    const types = ['ACTION', 'STATE', 'ACTION', 'DECISION']
    const said = types.map((type, index) => eventLine({ id: `e${index}`, type, details }))
    const others = [
      eventLine({ id: 'words', type: 'ACTION', details: { note: 'grain', a: { b: 1 } } }),
      eventLine({ id: 'value', type: 'ACTION', details: { ...details, a: { b: 2 } } }),
    ]
    const runs = { 'a run': { 'events.jsonl': [...others, ...said] } }
    await withIndexedRoot(runs, async ({ reader }) => {
      const server = await serve(reader)
      const requests: { readonly url: string; readonly accept: string | null }[] = []
      const client = new TurnlogClient({
        baseUrl: server.url,
        fetch: (url, init) => {
          requests.push({ url, accept: init.headers.get('Accept') })
          return fetch(url, init)
        },
      })
      const query = {
        q: 'grain & co',
        event_types: ['ACTION', 'STATE'],
        'details.a.b': 1,
      } as const
      const events = said.slice(0, 3).map((line): unknown => JSON.parse(line))
      expect(await collect(client.streamEvents('a run', query))).toEqual(events)
      expect(await collect(client.events('a run', { ...query, limit: 2 }))).toEqual(events)
      expect(requests[0]).toEqual({
        url: `${server.url}/simulations/a%20run/events?q=grain+%26+co&event_types=ACTION&event_types=STATE&details.a.b=1`,
        accept: 'application/x-ndjson',
      })
      const latest = { ...query, order: 'desc', limit: 2, fields: ['event_id'] } as const
      expect(await collect(client.streamEvents('a run', latest))).toEqual([
        { event_id: 'e2' },
        { event_id: 'e1' },
      ])
      await server.close()
    })
  })

  it('gives nothing of an answer of nothing', async () => {
    const { url: baseUrl } = await ScriptedServer.start(answer(200, TYPE, ''))
    expect(await collect(new TurnlogClient({ baseUrl }).streamEvents('run'))).toEqual([])
  })

  it('gives the same wherever the answer is cut into pieces', async () => {
    const description = fc.string({ unit: 'binary' }).map((text) => `${text}\u2028é😀`)
    const texts = fc.array(description, { maxLength: 5 })
    const cut = texts.chain((all) => {
      const lines = all.map((text) => JSON.stringify({ event_id: 'e', description: text }))
      return fc.tuple(fc.constant(lines), inPieces(lines.map((line) => `${line}\n`).join('')))
    })
    await fc.assert(
      fc.asyncProperty(cut, async ([lines, pieces]) => {
        const client = new TurnlogClient({
          baseUrl: 'http://localhost',
          fetch: () => Promise.resolve(answerInPieces(TYPE, pieces)),
        })
        expect(await collect(client.streamEvents('run'))).toEqual(
          lines.map((line): unknown => JSON.parse(line)),
        )
      }),
    )
  })

  it.each(['end', 'cut'] as const)(
    'throws behind the last whole line when the answer comes to its %s too early',
    async (then) => {
      const [first = '', second = ''] = linesOf(2)
      const begun = `${first}\n${second.slice(0, 20)}`
      const { url: baseUrl } = await ScriptedServer.start(begin(TYPE, begun, then))
      const events = new TurnlogClient({ baseUrl }).streamEvents('run')
      expect(await events.next()).toMatchObject({ value: { event_id: 'e0' } })
      await expect(events.next()).rejects.toThrow(TurnlogConnectionError)
      expect(await events.next()).toEqual({ done: true, value: undefined })
    },
  )

  it('closes the connection of who stops reading', async () => {
    const [line = ''] = linesOf(1)
    let closed = false
    const { url: baseUrl } = await ScriptedServer.start((request, response) => {
      begin(TYPE, `${line}\n`, 'silence')(request, response)
      response.once('close', () => {
        closed = true
      })
    })
    for await (const event of new TurnlogClient({ baseUrl }).streamEvents('run')) {
      expect(event.event_id).toBe('e0')
      break
    }
    await eventually(() => {
      expect(closed).toBe(true)
    })
  })

  it('can be called off half-way', async () => {
    const [line = ''] = linesOf(1)
    const { url: baseUrl } = await ScriptedServer.start(begin(TYPE, `${line}\n`, 'silence'))
    const controller = new AbortController()
    const { signal } = controller
    const events = new TurnlogClient({ baseUrl }).streamEvents('run', {}, { signal })
    await events.next()
    const reason = new Error('enough')
    const next = events.next()
    controller.abort(reason)
    await expect(next).rejects.toBe(reason)
  })
})
