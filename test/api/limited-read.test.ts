import { get } from 'node:http'
import { PassThrough } from 'node:stream'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limitedRead } from '#api/limited-read.js'
import { LongReads } from '#src/query/long-reads.js'
import type { WorkLimit } from '#src/query/work-limit.js'
import { SidecarReader, type Snapshot } from '#src/sidecar/sidecar-reader.js'
import { ask, serve } from '../support/api-client.js'
import { eventually } from '../support/eventually.js'
import { IndexedRoot } from '../support/indexed-root.js'

let indexed: IndexedRoot

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
})
afterAll(() => indexed.close())

const NEVER = new AbortController().signal

function dependencies(queryLimitMs: number) {
  return { reader: indexed.reader, longReads: new LongReads(indexed.db), queryLimitMs }
}

/** Pauses until it is told that its time is up. */
async function goOn(limit: WorkLimit): Promise<never> {
  for (;;) await limit.pause()
}

describe('limitedRead', () => {
  it('is one short read where that is enough', async () => {
    const snapshots: Snapshot[] = []
    const answer = await limitedRead(
      dependencies(60_000),
      { signal: NEVER },
      async (snapshot, limit) => {
        await limit.pause()
        snapshots.push(snapshot)
        return 'answer'
      },
    )
    expect([answer, snapshots.length]).toEqual(['answer', 1])
  })

  it('begins anew as a long one where it is not, and lets short ones through', async () => {
    let reads = 0
    const answer = await limitedRead(
      dependencies(60_000),
      { signal: NEVER },
      async (snapshot, limit) => {
        if (reads++ === 0) return goOn(limit)
        const runs = snapshot.selectFrom('simulation').select('name').execute()
        const meanwhile = indexed.reader.read((other) =>
          other.selectFrom('simulation').select('name').execute(),
        )
        return [await runs, await meanwhile]
      },
    )
    expect(reads).toBe(2)
    expect(answer[0]).toEqual(answer[1])
  })

  it('is a long one at once where it is told so', async () => {
    const signal = NEVER
    class NoReader extends SidecarReader {
      override read = (): Promise<never> => Promise.reject(new Error('on the shared connection'))
    }
    const reading = { ...dependencies(60_000), reader: new NoReader(indexed.db) }
    const answer = await limitedRead(reading, { signal, isLong: true }, () =>
      Promise.resolve('answer'),
    )
    expect(answer).toBe('answer')
  })

  it('ends when the time of a long one is up', async () => {
    const read = limitedRead(dependencies(1), { signal: NEVER }, (_snapshot, limit) => goOn(limit))
    await expect(read).rejects.toMatchObject({ code: 'QUERY_TOO_BROAD' })
  })

  it('ends when nobody waits any more, with the reason for that', async () => {
    const controller = new AbortController()
    const read = limitedRead(
      dependencies(60_000),
      { signal: controller.signal },
      async (_snapshot, limit) => {
        controller.abort(new Error('gone'))
        return goOn(limit)
      },
    )
    await expect(read).rejects.toThrow('gone')
  })

  it('passes on what else goes wrong, and tries nothing twice', async () => {
    let reads = 0
    const read = limitedRead(dependencies(60_000), { signal: NEVER }, () => {
      reads++
      return Promise.reject(new Error('something else'))
    })
    await expect(read).rejects.toThrow('something else')
    expect(reads).toBe(1)
  })
})

describe('a client that goes away', () => {
  it('is no fault', async () => {
    let goes = (): void => undefined
    const gone = new Promise<void>((resolve) => (goes = resolve))
    let asks = (): void => undefined
    const asked = new Promise<void>((resolve) => (asks = resolve))
    class SlowReader extends SidecarReader {
      override async read<T>(use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
        asks()
        await gone
        return super.read(use)
      }
    }
    const log = new PassThrough().setEncoding('utf8')
    let logged = ''
    log.on('data', (text: string) => (logged += text))
    const reader = new SlowReader(indexed.db)
    const server = await serve(reader, { logger: pino({}, log) })
    const request = get(`${server.url}/simulations/solo/histogram`)
    request.on('error', () => undefined)
    await asked
    request.destroy()
    // The server has noticed when it logs the request as not complete.
    await eventually(() => {
      expect(logged).toContain('"complete":false')
    })
    goes()
    await ask(server.url, '/health')
    await eventually(() => {
      expect(logged).toContain('/health')
    })
    expect(logged).not.toContain('failed to answer')
    await server.close()
    await reader.close()
  })
})
