import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunningServer } from '#api/server.js'
import type { RecordedEventType } from '#src/event/event-type.js'
import { EventWriter } from '#src/writer/event-writer.js'
import { serve } from '../support/api-client.js'
import { eventually } from '../support/eventually.js'
import type { IndexedRoot } from '../support/indexed-root.js'
import { eventLine, withIndexedRoot } from '../support/indexed-root.js'
import { filterNaively, readInFileOrder } from '../support/naive.js'
import { runCli, startCli } from '../support/run-cli.js'
import { dataOf, StreamClient } from '../support/stream-client.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { action, linesOf, segmentsOf } from '../support/writing.js'

/** Follows a run over any number of connections, and keeps all that it is sent. */
class Subscriber {
  readonly #path: string
  readonly #sent: string[] = []
  #place = ''
  #client: StreamClient | undefined
  connections = 0

  constructor(search: string) {
    this.#path = `/simulations/run/events/stream?from=beginning&${search}`
  }

  get sent(): string[] {
    return [...this.#sent, ...(this.#client === undefined ? [] : dataOf(this.#client))]
  }

  async connect(url: string): Promise<void> {
    if (this.#client?.isOver === false) return
    this.cut()
    this.connections++
    this.#client = await StreamClient.open(url, this.#path, this.#place)
  }

  /** Waits until so many events came in all, or the server ended the stream. */
  async receive(count: number): Promise<void> {
    if (this.#client === undefined) return
    await this.#client.until(({ isOver }) => isOver || this.sent.length >= count)
  }

  /** Breaks off wherever the stream stands, and remembers the place. */
  cut(): void {
    if (this.#client === undefined) return
    this.#client.cut()
    this.#sent.push(...dataOf(this.#client))
    if (this.#client.lastEventId !== '') this.#place = this.#client.lastEventId
    this.#client = undefined
  }
}

const TYPES: readonly RecordedEventType[] = ['ACTION', 'STATE', 'ENV', 'DETAIL']

const event = fc.record({
  at: fc.nat({ max: 40 }),
  turn: fc.nat({ max: 3 }),
  type: fc.constantFrom(...TYPES),
  agent: fc.constantFrom('anna', 'ben'),
})
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('append'),
      events: fc.array(event, { maxLength: 30 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('append elsewhere'),
      events: fc.array(event, { maxLength: 30 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('connect') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cut'), after: fc.nat({ max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('seal', 'reindex', 'restart') }) },
)
type Step =
  | { readonly kind: 'append' | 'append elsewhere'; readonly events: readonly EventFields[] }
  | { readonly kind: 'cut'; readonly after: number }
  | { readonly kind: 'connect' | 'seal' | 'reindex' | 'restart' }
interface EventFields {
  readonly at: number
  readonly turn: number
  readonly type: RecordedEventType
  readonly agent: string
}

const FILTERS = [
  ['', {}],
  ['event_types=STATE', { eventTypes: ['STATE'] }],
  ['agent_ids=anna&turn_start=1', { agentIds: ['anna'], turnStart: 1 }],
  ['kinds=nothing', { kinds: ['nothing'] }],
] as const

/** A root that is written, a server that is restarted, and a subscriber that is cut off. */
class Play {
  readonly #indexed: IndexedRoot
  readonly #subscriber: Subscriber
  readonly #expected: () => string[]
  #server: RunningServer
  #steps = 0

  constructor(
    indexed: IndexedRoot,
    server: RunningServer,
    subscriber: Subscriber,
    expected: () => string[],
  ) {
    this.#indexed = indexed
    this.#server = server
    this.#subscriber = subscriber
    this.#expected = expected
  }

  async take(step: Step): Promise<void> {
    this.#steps++
    switch (step.kind) {
      case 'append':
      case 'append elsewhere':
        await this.#append(step.kind === 'append' ? 'run' : 'another', step.events)
        break
      case 'connect':
        await this.#subscriber.connect(this.#server.url)
        break
      case 'cut': {
        const most = this.#expected().length
        await this.#subscriber.receive(Math.min(this.#subscriber.sent.length + step.after, most))
        this.#subscriber.cut()
        break
      }
      case 'seal':
        this.#indexed.seal('run', `events_${String(this.#steps).padStart(4, '0')}.jsonl`)
        break
      case 'reindex':
        await this.#indexed.reindex()
        break
      case 'restart':
        await this.#server.close()
        this.#server = await serve(this.#indexed.reader)
        break
    }
  }

  async #append(run: string, events: readonly EventFields[]): Promise<void> {
    const lines = events.map(({ at, ...fields }, index) =>
      eventLine({
        ...fields,
        id: `${this.#steps}-${index}`,
        timestamp: `2026-01-01T00:00:00.${String(at).padStart(6, '0')}Z`,
      }),
    )
    await this.#indexed.append({ [run]: { 'events.jsonl': lines } })
  }

  /** Connects until everything was received. */
  async end(): Promise<void> {
    for (;;) {
      await this.#subscriber.connect(this.#server.url)
      await this.#subscriber.receive(this.#expected().length)
      if (this.#subscriber.sent.length >= this.#expected().length) break
    }
    this.#subscriber.cut()
    await this.#server.close()
  }
}

describe('a stream that is resumed', () => {
  it('has no gap and nothing twice, wherever it is cut off and whatever happens meanwhile', async () => {
    const steps: fc.Arbitrary<Step[]> = fc.array(step, {
      minLength: 5,
      maxLength: 25,
    })
    const filters = fc.constantFrom(...FILTERS)
    const blockBytes = fc.integer({ min: 1, max: 3_000 })
    await fc.assert(
      fc.asyncProperty(steps, filters, blockBytes, async (taken, [search, filter], size) => {
        const runs = { run: { 'events.jsonl': [eventLine({ id: 'first' })] } }
        const check = async (indexed: IndexedRoot): Promise<void> => {
          const expected = (): string[] =>
            filterNaively(readInFileOrder(indexed.root, 'run'), filter).map(({ line }) => line)
          const subscriber = new Subscriber(search)
          const play = new Play(indexed, await serve(indexed.reader), subscriber, expected)
          for (const one of taken) await play.take(one)
          await play.end()
          expect(subscriber.sent).toEqual(expected())
        }
        await withIndexedRoot(runs, check, { blockBytes: size })
      }),
      { numRuns: 40 },
    )
  })

  it('goes on when the run is read anew since one of its files is gone', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => eventLine({ id: `e${index}` }))
    const segments = {
      'events_1.jsonl': lines.slice(0, 20),
      'events.jsonl': lines.slice(20),
    }
    await withIndexedRoot({ run: segments }, async (indexed) => {
      const server = await serve(indexed.reader)
      const subscriber = new Subscriber('')
      await subscriber.connect(server.url)
      await subscriber.receive(50)
      indexed.remove('run', 'events_1.jsonl')
      const more = [eventLine({ id: 'more' }), eventLine({ id: 'last' })]
      await indexed.append({ run: { 'events.jsonl': more } })
      await subscriber.receive(52)
      expect(subscriber.sent).toEqual([...lines, ...more])
      expect(subscriber.connections).toBe(1)
      subscriber.cut()
      await server.close()
    })
  })

  it('ends when the event it stands behind is gone, and says so to who asks again', async () => {
    const segments = {
      'events_1.jsonl': [eventLine({ id: 'a' })],
      'events_2.jsonl': [eventLine({ id: 'b' })],
    }
    await withIndexedRoot({ run: segments }, async (indexed) => {
      const server = await serve(indexed.reader, { streamTimes: { missingMs: 100 } })
      const path = '/simulations/run/events/stream'
      const client = await StreamClient.open(server.url, path)
      await client.until(({ lastEventId }) => lastEventId === 'b')
      indexed.remove('run', 'events_2.jsonl')
      await indexed.index()
      await client.over()
      expect(client.response.complete).toBe(true)
      await expect(StreamClient.open(server.url, path, 'b')).rejects.toThrow('404')
      await server.close()
    })
  })

  it('ends likewise when the run is written anew under its name and goes on growing', async () => {
    const runs = { run: { 'events.jsonl': [eventLine({ id: 'a' })] } }
    await withIndexedRoot(runs, async (indexed) => {
      const server = await serve(indexed.reader, { streamTimes: { missingMs: 100 } })
      const client = await StreamClient.open(server.url, '/simulations/run/events/stream')
      await client.until(({ lastEventId }) => lastEventId === 'a')
      indexed.remove('run')
      await eventually(async () => {
        const id = `new-${performance.now()}`
        await indexed.append({ run: { 'events.jsonl': [eventLine({ id })] } })
        expect(client.isOver).toBe(true)
      })
      expect(client.response.complete).toBe(true)
      await server.close()
    })
  })

  it('shows a file that turns up late when it does', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => eventLine({ id }))
    if (a === undefined || b === undefined || c === undefined) throw new Error('no lines')
    await withIndexedRoot({ run: { 'events_2.jsonl': [b] } }, async (indexed) => {
      const server = await serve(indexed.reader)
      const subscriber = new Subscriber('')
      await subscriber.connect(server.url)
      await subscriber.receive(1)
      await indexed.append({ run: { 'events_1.jsonl': [a] } })
      await subscriber.receive(2)
      subscriber.cut()
      await indexed.append({ run: { 'events_3.jsonl': [c] } })
      await subscriber.connect(server.url)
      await subscriber.receive(3)
      expect(subscriber.sent).toEqual([b, a, c])
      subscriber.cut()
      await server.close()
    })
  })
})

describe('turnlog serve', () => {
  it('streams what a writer records and rotates, over restarts and rebuilds', async () => {
    const root = temporaryDirectory()
    const db = join(root, '.turnlog', 'index.db')
    const location = ['--root', root, '--db', db]
    const start = async () => {
      const serving = startCli('serve', ...location, '--port', '0')
      const [, url = ''] = await serving.output(/^listening on (\S+)$/m)
      return { serving, url }
    }
    const writer = new EventWriter({
      outputDir: root,
      simulationId: 'run',
      maxFileSize: 40_000,
      overflow: 'block',
    }).start()
    writer.emit(action(0))
    await writer.flush()
    let { serving, url } = await start()
    const subscribers = [new Subscriber(''), new Subscriber('turn_start=50')]
    let turn = 0
    for (let round = 1; round <= 12; round++) {
      for (let count = 0; count < 200; count++) writer.emit(action(++turn, 'x'.repeat(count)))
      for (const [index, subscriber] of subscribers.entries()) {
        await subscriber.connect(url)
        const wanted = subscriber.sent.length + ((round * 37 + index * 11) % 150)
        await subscriber.receive(Math.min(wanted, index === 0 ? turn + 1 : turn - 49))
        if ((round + index) % 2 === 0) subscriber.cut()
      }
      if (round % 5 === 2) expect((await runCli('reindex', ...location)).code).toBe(0)
      if (round % 6 === 0) {
        // It does not wait for the streams.
        expect(await serving.stop()).toBe(0)
        ;({ serving, url } = await start())
      }
    }
    await writer.stop()
    const lines = linesOf(root)
    expect(lines).toHaveLength(2_401)
    expect(segmentsOf(root).length).toBeGreaterThan(10)
    for (const [index, subscriber] of subscribers.entries()) {
      const expected = index === 0 ? lines : lines.slice(50)
      while (subscriber.sent.length < expected.length) {
        await subscriber.connect(url)
        await subscriber.receive(expected.length)
      }
      expect(subscriber.sent).toEqual(expected)
      expect(subscriber.connections).toBeGreaterThan(4)
      subscriber.cut()
    }
    expect(await serving.stop()).toBe(0)
  })
})
