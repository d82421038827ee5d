import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TurnlogClient, TurnlogConnectionError } from '#api/client/index.js'
import { answerInPieces, inPieces } from '../support/cut-text.js'
import { eventually } from '../support/eventually.js'
import { eventLine } from '../support/indexed-root.js'
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
    const lines = linesOf(3)
    const body = lines.map((line) => `${line}\n`).join('')
    const { url: baseUrl, requests } = await ScriptedServer.start(answer(200, TYPE, body))
    const client = new TurnlogClient({ baseUrl })
    const query = { q: 'grain & co', event_types: ['ACTION', 'STATE'], 'details.a.b': 1 } as const
    expect(await collect(client.streamEvents('a run', query))).toEqual(
      lines.map((line): unknown => JSON.parse(line)),
    )
    const [request] = requests
    expect(request?.headers.accept).toBe('application/x-ndjson')
    expect(request?.url).toBe(
      '/simulations/a%20run/events?q=grain+%26+co&event_types=ACTION&event_types=STATE&details.a.b=1',
    )
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
