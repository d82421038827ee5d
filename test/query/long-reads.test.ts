import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toApiError } from '#api/problem.js'
import { LongReads } from '#src/query/long-reads.js'
import { IndexedRoot } from '../support/indexed-root.js'

let indexed: IndexedRoot

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
})
afterAll(() => indexed.close())

const LONG = { limitMs: 60_000 }
const BUSY = { code: 'SERVER_BUSY', message: 'too many long questions are under way' }

/** A read that goes on until it is told to end. */
class OpenRead {
  readonly begun: Promise<void>
  readonly over: Promise<void>
  end = (): void => undefined

  constructor(longReads: LongReads) {
    const ended = new Promise<void>((resolve) => (this.end = resolve))
    let begin = (): void => undefined
    this.begun = new Promise((resolve) => (begin = resolve))
    this.over = longReads.read(LONG, () => {
      begin()
      return ended
    })
  }
}

/** Takes every turn there is. */
async function occupy(longReads: LongReads): Promise<[OpenRead, OpenRead]> {
  const reads: [OpenRead, OpenRead] = [new OpenRead(longReads), new OpenRead(longReads)]
  for (const { begun } of reads) await begun
  return reads
}

async function endAll(reads: readonly OpenRead[]): Promise<void> {
  for (const read of reads) read.end()
  for (const { over } of reads) await over
}

describe('long reads', () => {
  it('do not wait for a turn when nobody waits for them', async () => {
    const longReads = new LongReads(indexed.db)
    const open = await occupy(longReads)
    const controller = new AbortController()
    const work = { ...LONG, signal: controller.signal }
    const waiting = [
      longReads.read(work, () => Promise.resolve()),
      longReads.readPart(work, () => Promise.resolve()),
    ]
    controller.abort(new Error('gone'))
    for (const read of waiting) await expect(read).rejects.toThrow('gone')
    await endAll(open)
    await endAll(await occupy(longReads))
  })

  it('are refused when their time ends before their turn', async () => {
    const longReads = new LongReads(indexed.db)
    const open = await occupy(longReads)
    const read = longReads.read({ limitMs: 1 }, () => Promise.resolve())
    await expect(read).rejects.toMatchObject(BUSY)
    await endAll(open)
  })

  it('are refused at once when a hundred wait', async () => {
    const longReads = new LongReads(indexed.db)
    const open = await occupy(longReads)
    const waiting = Array.from({ length: 100 }, () =>
      longReads.read(LONG, () => Promise.resolve('answer')),
    )
    const refused = longReads.read(LONG, () => Promise.resolve('answer'))
    await expect(refused).rejects.toMatchObject(BUSY)
    await endAll(open)
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => 'answer'))
    const problem = toApiError(await refused.catch((error: unknown) => error))
    expect(problem).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
  })

  it('have their turn in the order in which they came, and parts behind them', async () => {
    const longReads = new LongReads(indexed.db)
    const [first, second] = await occupy(longReads)
    const order: string[] = []
    const say = (what: string) => () => {
      order.push(what)
      return Promise.resolve()
    }
    const part = longReads.readPart(LONG, say('part'))
    const one = longReads.read(LONG, say('one'))
    const two = longReads.read(LONG, say('two'))
    first.end()
    // It comes just when a turn ends.
    const newcomer = first.over.then(() => longReads.read(LONG, say('newcomer')))
    await Promise.all([part, one, two, newcomer])
    expect(order).toEqual(['one', 'two', 'newcomer', 'part'])
    await endAll([second])
  })

  it('end their parts early when somebody comes to wait', async () => {
    const longReads = new LongReads(indexed.db)
    const open = new OpenRead(longReads)
    await open.begun
    let begin = (): void => undefined
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const part = longReads.readPart(LONG, async (_snapshot, limit) => {
      begin()
      while (!limit.isOver) {
        await limit.giveWay()
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    await begun
    await longReads.read(LONG, () => Promise.resolve())
    await part
    await endAll([open])
  })
})
