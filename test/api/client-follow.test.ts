import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type FollowedEvent,
  type FollowOptions,
  TurnlogApiError,
  TurnlogClient,
  TurnlogConnectionError,
} from '#api/client/index.js'
import { reconnectDelay } from '#api/client/reconnect-delay.js'
import { SilenceLimit } from '#api/client/silence-limit.js'
import { serve } from '../support/api-client.js'
import { answerInPieces, inPieces } from '../support/cut-text.js'
import { eventually } from '../support/eventually.js'
import { eventLine, withIndexedRoot } from '../support/indexed-root.js'
import { answer, begin, type Script, ScriptedServer } from '../support/scripted-server.js'

const TYPE = 'text/event-stream; charset=utf-8'
/** Clients come back at once. */
const SOON = 'retry: 1\n\n'

/** An event as it is sent; its position is `p` and its number. */
function message(number: number): string {
  return `id: p${number}\nevent: event\ndata: ${eventLine({ id: `e${number}` })}\n\n`
}

function stream(then: 'end' | 'cut' | 'silence', ...texts: readonly string[]): Script {
  return begin(TYPE, SOON + texts.join(''), then)
}

/** Follows what a server says until so many events have come. */
async function follow(
  { url: baseUrl }: ScriptedServer,
  count: number,
  options: FollowOptions = {},
): Promise<FollowedEvent[]> {
  const followed: FollowedEvent[] = []
  for await (const event of new TurnlogClient({ baseUrl }).follow('run', {}, options)) {
    followed.push(event)
    if (followed.length === count) break
  }
  return followed
}

function numbered(...numbers: readonly number[]): FollowedEvent[] {
  return numbers.map((number) => ({
    id: `p${number}`,
    event: JSON.parse(eventLine({ id: `e${number}` })) as FollowedEvent['event'],
  }))
}

function positionsAsked({ requests }: ScriptedServer): (string | string[] | undefined)[] {
  return requests.map(({ headers }) => headers['last-event-id'])
}

describe('follow', () => {
  it('asks for what is to come, by the filters, as an event stream', async () => {
    const server = await ScriptedServer.start(stream('silence', message(1)))
    const client = new TurnlogClient({ baseUrl: server.url })
    const query = { event_types: ['ACTION'], 'details.scope': 'agent' } as const
    for await (const followed of client.follow('a run', query, { from: 'beginning' })) {
      expect([followed]).toEqual(numbered(1))
      break
    }
    const [request] = server.requests
    expect(request?.url).toBe(
      '/simulations/a%20run/events/stream?event_types=ACTION&details.scope=agent&from=beginning',
    )
    expect(request?.headers.accept).toBe('text/event-stream')
  })

  it('goes on behind the last event when a connection is cut within a message', async () => {
    const server = await ScriptedServer.start(
      stream('cut', message(1), message(2).slice(0, -20)),
      stream('cut', message(2), message(3), 'id: p4\n'),
      stream('silence', message(4)),
    )
    expect(await follow(server, 4, { from: 'beginning' })).toEqual(numbered(1, 2, 3, 4))
    expect(positionsAsked(server)).toEqual([undefined, 'p1', 'p3'])
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/simulations/run/events/stream?from=beginning',
      '/simulations/run/events/stream',
      '/simulations/run/events/stream',
    ])
  })

  it.each(['cut', 'end'] as const)(
    'goes on when a connection is %s after a heartbeat',
    async (then) => {
      const server = await ScriptedServer.start(
        stream(then, message(1), ': heartbeat\n\n'),
        stream(then, ': heartbeat\n\n'),
        stream('silence', message(2)),
      )
      expect(await follow(server, 2)).toEqual(numbered(1, 2))
      expect(positionsAsked(server)).toEqual([undefined, 'p1', 'p1'])
    },
  )

  it('goes on behind a position that was kept', async () => {
    const server = await ScriptedServer.start(stream('silence', message(8)))
    await follow(server, 1, { lastEventId: 'p7', from: 'beginning' })
    expect(positionsAsked(server)).toEqual(['p7'])
    expect(server.requests[0]?.url).toBe('/simulations/run/events/stream')
  })

  it('moves on with positions that come without an event', async () => {
    const server = await ScriptedServer.start(
      stream('cut', 'id: p5\n\n'),
      stream('cut', 'id: p5\n\n', 'id: p6\nevent: other\ndata: {}\n\n'),
      stream('silence', message(7)),
    )
    const reached: string[] = []
    const onPosition = (position: string): void => {
      reached.push(position)
    }
    expect(await follow(server, 1, { from: 'now', onPosition })).toEqual(numbered(7))
    expect(positionsAsked(server)).toEqual([undefined, 'p5', 'p6'])
    expect(reached).toEqual(['p5', 'p6'])
  })

  it('tells a position when what is before it has been dealt with', async () => {
    const { url: baseUrl } = await ScriptedServer.start(
      stream('silence', message(1), message(2), message(3)),
    )
    const order: string[] = []
    const onPosition = (position: string): void => {
      order.push(position)
    }
    const client = new TurnlogClient({ baseUrl })
    for await (const { event } of client.follow('run', {}, { onPosition })) {
      await Promise.resolve()
      order.push(event.event_id)
      if (event.event_id === 'e3') break
    }
    expect(order).toEqual(['e1', 'p1', 'e2', 'p2', 'e3'])
  })

  it.each([
    ['cannot answer', answer(503, 'text/html', 'starting'), TurnlogApiError],
    ['has had enough', answer(429, 'text/plain', ''), TurnlogApiError],
    ['takes too long', answer(408, 'text/plain', ''), TurnlogApiError],
    ['hangs up', ((request) => request.socket.destroy()) satisfies Script, TurnlogConnectionError],
  ])('tries again when the server %s', async (_what, trouble, error) => {
    const server = await ScriptedServer.start(trouble, trouble, stream('silence', message(1)))
    const reasons: (Error | undefined)[] = []
    const options = {
      minDelayMs: 1,
      onReconnect: (reason: Error | undefined) => reasons.push(reason),
    }
    expect(await follow(server, 1, options)).toEqual(numbered(1))
    expect(reasons).toEqual([expect.any(error), expect.any(error)])
  })

  it('waits as long as the server asks it to', async () => {
    const server = await ScriptedServer.start(
      (_request, response) => {
        response.writeHead(503, { 'Retry-After': '1' }).end()
      },
      stream('silence', message(1)),
    )
    const delays: number[] = []
    const onReconnect: FollowOptions['onReconnect'] = (_reason, delayMs) => {
      delays.push(delayMs)
    }
    await follow(server, 1, { minDelayMs: 1, onReconnect })
    expect(delays).toEqual([1_000])
  })

  it('takes over the delay that the server names', async () => {
    const controller = new AbortController()
    const server = await ScriptedServer.start(begin(TYPE, 'retry: 70000\n\n', 'end'))
    const delays: number[] = []
    const onReconnect: FollowOptions['onReconnect'] = (_reason, delayMs) => {
      delays.push(delayMs)
      controller.abort()
    }
    await follow(server, 1, { signal: controller.signal, maxDelayMs: 80_000, onReconnect })
    const [delay = 0, ...more] = delays
    expect(more).toEqual([])
    expect(delay).toBeGreaterThanOrEqual(35_000)
    expect(delay).toBeLessThanOrEqual(70_000)
  })

  it.each([400, 401, 403, 404, 422])(
    'ends with the error when it is refused with %i',
    async (status) => {
      const problem = JSON.stringify({ code: 'SOME_CODE', message: 'not like this' })
      const server = await ScriptedServer.start(answer(status, 'application/problem+json', problem))
      await expect(follow(server, 1)).rejects.toMatchObject({
        name: 'TurnlogApiError',
        status,
        code: 'SOME_CODE',
        message: 'not like this',
      })
      expect(server.requests).toHaveLength(1)
    },
  )

  it('ends with the error when it is refused later', async () => {
    const server = await ScriptedServer.start(
      stream('cut', message(1)),
      answer(404, 'text/plain', 'the run is gone'),
    )
    await expect(follow(server, 2)).rejects.toMatchObject({ status: 404 })
  })

  it('ends with an error when something else answers', async () => {
    const server = await ScriptedServer.start(answer(200, 'text/html', 'please log in'))
    await expect(follow(server, 1)).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' })
  })

  it('gives up a connection that keeps silent', async () => {
    const server = await ScriptedServer.start((request, response) => {
      const position = request.headers['last-event-id']
      stream('silence', message(position === undefined ? 1 : 2))(request, response)
    })
    const reasons: (Error | undefined)[] = []
    const options = {
      silenceMs: 100,
      onReconnect: (reason: Error | undefined) => reasons.push(reason),
    }
    expect(await follow(server, 2, options)).toEqual(numbered(1, 2))
    expect(reasons[0]).toBeInstanceOf(TurnlogConnectionError)
    expect(reasons[0]?.message).toBe('nothing has come for 100 ms')
  })

  it('gives up a server that does not even begin to answer', async () => {
    const server = await ScriptedServer.start(() => undefined, stream('silence', message(1)))
    expect(await follow(server, 1, { silenceMs: 500, minDelayMs: 1 })).toEqual(numbered(1))
    expect(server.requests.length).toBeGreaterThan(1)
  })

  it('takes nobody for silent while the reader is busy', async () => {
    const { url: baseUrl, requests } = await ScriptedServer.start(
      stream('silence', message(1), message(2)),
    )
    const silenceMs = 1_000
    const client = new TurnlogClient({ baseUrl })
    for await (const { event } of client.follow('run', {}, { silenceMs })) {
      if (event.event_id === 'e2') break
      await silenceOf(silenceMs)
    }
    expect(requests).toHaveLength(1)
  })

  it('does not begin when it is called off before', async () => {
    const server = await ScriptedServer.start(stream('silence', message(1)))
    expect(await follow(server, 1, { signal: AbortSignal.abort() })).toEqual([])
    expect(server.requests).toEqual([])
  })

  it('ends when it is called off while it waits for an event', async () => {
    const controller = new AbortController()
    let closed = false
    const server = await ScriptedServer.start((request, response) => {
      stream('silence', message(1))(request, response)
      response.once('close', () => {
        closed = true
      })
    })
    const onPosition = (): void => {
      controller.abort()
    }
    const followed = await follow(server, 2, { signal: controller.signal, onPosition })
    expect(followed).toEqual(numbered(1))
    await eventually(() => {
      expect(closed).toBe(true)
    })
  })

  it('gives no more when it is called off within the loop, though more has come', async () => {
    const { url: baseUrl } = await ScriptedServer.start(
      stream('silence', message(1), message(2), message(3)),
    )
    const controller = new AbortController()
    const positions: string[] = []
    const onPosition = (position: string): void => {
      positions.push(position)
    }
    const options = { signal: controller.signal, onPosition }
    const ids: string[] = []
    for await (const { id } of new TurnlogClient({ baseUrl }).follow('run', {}, options)) {
      ids.push(id)
      if (id === 'p2') controller.abort()
    }
    expect(ids).toEqual(['p1', 'p2'])
    expect(positions).toEqual(['p1', 'p2'])
  })

  it('ends when it is called off while it waits to connect again', async () => {
    const controller = new AbortController()
    const server = await ScriptedServer.start(answer(503, 'text/plain', ''))
    const options = {
      signal: controller.signal,
      minDelayMs: 3_600_000,
      maxDelayMs: 3_600_000,
      onReconnect: () => {
        setImmediate(() => {
          controller.abort()
        })
      },
    }
    expect(await follow(server, 1, options)).toEqual([])
    expect(server.requests).toHaveLength(1)
  })

  it('closes the connection of who stops reading', async () => {
    let closed = false
    const server = await ScriptedServer.start((request, response) => {
      stream('silence', message(1))(request, response)
      response.once('close', () => {
        closed = true
      })
    })
    await follow(server, 1)
    await eventually(() => {
      expect(closed).toBe(true)
    })
  })

  it('gives every event once wherever connections are cut', async () => {
    const descriptions = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 6 })
    const cut = descriptions.chain((all) => {
      const lines = all.map((text, index) =>
        JSON.stringify({ event_id: `e${index}`, description: `${text}\u2028é😀` }),
      )
      const text = lines.map((line, index) => `id: ${index}\nevent: event\ndata: ${line}\n\n`)
      return fc.tuple(fc.constant(text), inPieces(text.join('')), fc.nat({ max: 20 }))
    })
    await fc.assert(
      fc.asyncProperty(cut, async ([messages, pieces, kept]) => {
        const controller = new AbortController()
        let connections = 0
        const client = new TurnlogClient({
          baseUrl: 'http://localhost',
          fetch: (_url, { headers }) => {
            const left = messages.slice(Number(headers.get('Last-Event-ID') ?? -1) + 1)
            if (left.length === 0) controller.abort()
            const isFirst = connections++ === 0
            const rest = [new TextEncoder().encode(left.join(''))]
            return Promise.resolve(
              isFirst
                ? answerInPieces(TYPE, pieces.slice(0, kept), 'breaks off')
                : answerInPieces(TYPE, rest),
            )
          },
        })
        const ids: string[] = []
        const options = { signal: controller.signal, minDelayMs: 0 }
        for await (const { id, event } of client.follow('run', {}, options)) {
          expect(event.event_id).toBe(`e${id}`)
          ids.push(id)
        }
        expect(ids).toEqual(messages.map((_, index) => index.toString()))
      }),
    )
  })
})

describe('follow, of a server that is started anew', () => {
  it('gives every event once and in order, those of the time without a server too', async () => {
    const lineOf = (id: string): string => eventLine({ id, type: id === 'c' ? 'STATE' : 'ACTION' })
    const segment = (...ids: readonly string[]) => ({
      run: { 'events.jsonl': ids.map(lineOf) },
    })
    await withIndexedRoot(segment('a'), async (indexed) => {
      const first = await serve(indexed.reader)
      const reasons: (Error | undefined)[] = []
      const events = new TurnlogClient({ baseUrl: first.url }).follow(
        'run',
        { event_types: ['ACTION'] },
        { from: 'beginning', maxDelayMs: 20, onReconnect: (reason) => reasons.push(reason) },
      )
      const take = async (count: number): Promise<string[]> => {
        const ids: string[] = []
        while (ids.length < count) {
          const next = await events.next()
          if (next.done === true) break
          ids.push(next.value.event.event_id)
        }
        return ids
      }
      expect(await take(1)).toEqual(['a'])
      await indexed.append(segment('b', 'c', 'd'))
      expect(await take(2)).toEqual(['b', 'd'])

      const taking = take(3)
      await first.close()
      await indexed.append(segment('e'))
      await eventually(() => {
        expect(reasons).toContainEqual(expect.any(TurnlogConnectionError))
      })
      const port = Number(new URL(first.url).port)
      const second = await serve(indexed.reader, { settings: { port } })
      await indexed.append(segment('f', 'g'))
      expect(await taking).toEqual(['e', 'f', 'g'])
      await events.return(undefined)
      await second.close()
    })
  })
})

describe('the wait before a new connection', () => {
  const bounds = { first: 1_000, longest: 30_000 }

  it('doubles with every failure, up to the longest', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 1_100].map((failures) =>
      reconnectDelay(failures, bounds, 0),
    )
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  })

  it('leaves half of it to chance', () => {
    expect(reconnectDelay(2, bounds, 0.5)).toBe(3_000)
    expect(reconnectDelay(2, bounds, 1)).toBe(2_000)
    expect(reconnectDelay(9, bounds, 1)).toBe(15_000)
  })
})

/** Waits until as much silence has passed as calls off what waits for something. */
async function silenceOf(limitMs: number): Promise<void> {
  const limit = new SilenceLimit(new AbortController().signal, limitMs, () => new Error('silent'))
  const passed = new Promise<void>((resolve) => {
    limit.signal.addEventListener('abort', () => {
      resolve()
    })
  })
  await limit.during(passed)
}
