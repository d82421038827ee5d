import fc from 'fast-check'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DrainLoop, type Segment, type ThreadMessage } from '#src/writer/drain-loop.js'
import { SegmentWriter } from '#src/writer/segment-writer.js'
import { CONTROL, createQueueMemory, QueueProducer } from '#src/writer/shared-queue.js'
import { STOP_REQUESTS } from '#src/writer/shared-queue.js'
import type { Durability } from '#src/writer/writer-options.js'
import { inTemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js'
import { linesOf, segmentsOf } from '../support/writing.js'

const MAX_FILE_SIZE = 60

/** A segment on a real disk, whose calls a test can bend. */
function bent(directory: string, changes: (real: SegmentWriter) => Partial<Segment>): Segment {
  const real = new SegmentWriter(directory)
  const segment: Segment = {
    get size() {
      return real.size
    },
    open: () => {
      real.open()
    },
    isDisplaced: () => real.isDisplaced(),
    write: (bytes) => real.write(bytes),
    rotate: () => real.rotate(),
    sync: () => {
      real.sync()
    },
    close: () => {
      real.close()
    },
  }
  return Object.defineProperties(segment, Object.getOwnPropertyDescriptors(changes(real)))
}

interface Loop {
  readonly producer: QueueProducer
  readonly told: ThreadMessage[]
  /** Runs until everything is written. */
  readonly run: () => void
}

/** A drain loop on this thread, over a queue that can be filled before it runs. */
function loopOver(directory: string, segment: Segment, durability: Durability = 'os'): Loop {
  const memory = createQueueMemory(1_000, 65_536)
  const producer = new QueueProducer(memory)
  const told: ThreadMessage[] = []
  const data = { memory, directory, maxFileSize: MAX_FILE_SIZE, durability }
  const loop = new DrainLoop(data, (message) => told.push(message), segment)
  const run = (): void => {
    Atomics.store(producer.control, CONTROL.stop, STOP_REQUESTS.whenEmpty)
    loop.run()
  }
  return { producer, told, run }
}

function failure(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device'), { errno: -28 })
}

const outcome = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 80 }) },
  { weight: 1, arbitrary: fc.constant('fails' as const) },
)

describe('the drain loop', () => {
  it('writes every line once and in order, however short writes are and whatever fails', async () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => JSON.stringify(text))
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 40 }),
        fc.array(outcome, { maxLength: 30 }),
        (lines, outcomes) =>
          inTemporaryDirectory((directory) => {
            const script = outcomes.values()
            const segment = bent(join(directory, 'run'), (real) => ({
              write: (bytes) => {
                const { value } = script.next()
                if (value === 'fails') throw failure()
                return real.write(bytes.subarray(0, value ?? bytes.length))
              },
            }))
            const { producer, told, run } = loopOver(join(directory, 'run'), segment)
            for (const text of lines) producer.push(text)
            run()
            expect(linesOf(directory)).toEqual(lines)
            for (const name of segmentsOf(directory)) {
              const { size } = statSync(join(directory, 'run', name))
              const longest = Math.max(...lines.map((text) => Buffer.byteLength(text) + 1), 0)
              expect(size).toBeLessThanOrEqual(Math.max(MAX_FILE_SIZE, longest))
            }
            expect(producer.queued).toBe(0)
            const recoveries = told.filter(({ kind }) => kind === 'recovered').length
            expect(producer.control[CONTROL.recoveries]).toBe(recoveries)
            return Promise.resolve()
          }),
      ),
      { numRuns: 60 },
    )
  })

  it('tells how often writing failed, and warns of it once', () => {
    const directory = join(temporaryDirectory(), 'run')
    let failures = 3
    const segment = bent(directory, (real) => ({
      write: (bytes) => {
        if (failures-- > 0) throw failure()
        return real.write(bytes)
      },
    }))
    const { producer, told, run } = loopOver(directory, segment)
    producer.push('"line"')
    run()
    expect(told).toEqual([
      { kind: 'write-failed', message: 'ENOSPC: no space left on device' },
      { kind: 'recovered' },
      { kind: 'stopped' },
    ])
    const { control } = producer
    expect([control[CONTROL.failedAttempts], control[CONTROL.errno]]).toEqual([3, -28])
  })

  it('comes to the end of a flush while events never stop coming', () => {
    const directory = join(temporaryDirectory(), 'run')
    const endless: { emit: () => void; told: ThreadMessage[] } = { emit: () => undefined, told: [] }
    let writes = 0
    const segment = bent(directory, (real) => ({
      write: (bytes) => {
        const isFlushed = endless.told.some(({ kind }) => kind === 'flushed')
        if (!isFlushed && writes++ < 500) endless.emit()
        return real.write(bytes)
      },
    }))
    const { producer, told, run } = loopOver(directory, segment)
    endless.told = told
    endless.emit = () => producer.push('"more"')
    producer.push('"first"')
    Atomics.add(producer.control, CONTROL.flushAsked, 1)
    run()
    expect(writes).toBeLessThan(10)
    expect(producer.queued).toBe(0)
  })

  it.each([
    ['os', 0],
    ['interval', 1],
    ['every-batch', 1],
  ] as const)('with durability %s syncs before it calls a flush done', (durability, least) => {
    const directory = join(temporaryDirectory(), 'run')
    const calls: string[] = []
    const segment = bent(directory, (real) => ({
      write: (bytes) => {
        calls.push('write')
        return real.write(bytes)
      },
      sync: () => {
        calls.push(calls.includes('refused') ? 'sync' : 'refused')
        if (calls.at(-1) === 'refused') throw failure()
        real.sync()
      },
    }))
    const { producer, told, run } = loopOver(directory, segment, durability)
    producer.push('"line"')
    Atomics.add(producer.control, CONTROL.flushAsked, 1)
    run()
    expect(calls.filter((call) => call === 'sync')).toHaveLength(least)
    expect(calls.at(-1)).toBe(least === 0 ? 'write' : 'sync')
    const kinds = told.map(({ kind }) => kind)
    const failed = least === 0 ? [] : ['write-failed', 'recovered']
    expect(kinds).toEqual([...failed, 'flushed', 'stopped'])
    expect(linesOf(join(directory, '..'))).toEqual(['"line"'])
  })
})
