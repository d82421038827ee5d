import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CONTROL,
  createQueueMemory,
  QueueConsumer,
  QueueProducer,
} from '#src/writer/shared-queue.js'

const MAX_EVENTS = 6
const MAX_BYTES = 64

const step = fc.oneof(
  fc.record({ push: fc.string({ unit: 'grapheme', maxLength: 20 }) }),
  fc.record({ take: fc.integer({ min: 1, max: 40 }) }),
)

describe('the shared queue', () => {
  it('gives the bytes it was given, in order, and says when it is full', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const memory = createQueueMemory(MAX_EVENTS, MAX_BYTES)
        const producer = new QueueProducer(memory)
        const consumer = new QueueConsumer(memory)
        const queued: Buffer[] = []
        let given = Buffer.alloc(0)
        let taken = Buffer.alloc(0)
        for (const action of steps) {
          if ('push' in action) {
            const line = Buffer.from(`${action.push}\n`)
            const used = queued.reduce((sum, { length }) => sum + length, 0)
            const fits = queued.length < MAX_EVENTS && used + line.length <= MAX_BYTES
            expect(producer.push(action.push)).toBe(fits)
            if (fits) {
              queued.push(line)
              given = Buffer.concat([given, line])
            }
          } else if (consumer.queued > 0) {
            const next = Buffer.from(consumer.next(MAX_BYTES).subarray(0, action.take))
            consumer.take(next.length)
            taken = Buffer.concat([taken, next])
            let whole =
              taken.length - (given.length - queued.reduce((sum, { length }) => sum + length, 0))
            while (queued[0] !== undefined && whole >= queued[0].length) {
              whole -= queued[0].length
              queued.shift()
            }
          }
          expect(producer.queued).toBe(queued.length)
          expect(consumer.queued).toBe(queued.length)
          expect(given.subarray(0, taken.length).equals(taken)).toBe(true)
        }
        while (consumer.queued > 0) {
          const next = Buffer.from(consumer.next(1))
          consumer.take(next.length)
          taken = Buffer.concat([taken, next])
        }
        expect(taken.equals(given)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('starts a line over when told to', () => {
    const memory = createQueueMemory(MAX_EVENTS, MAX_BYTES)
    const producer = new QueueProducer(memory)
    const consumer = new QueueConsumer(memory)
    for (const line of ['0123456789', 'abcdefghij']) producer.push(line)
    consumer.take(14)
    expect(consumer.isMidLine).toBe(true)
    consumer.startLineOver()
    expect(consumer.isMidLine).toBe(false)
    expect(consumer.next(MAX_BYTES).toString()).toBe('abcdefghij\n')
  })

  it.each([0x7fff_fffc, -4])('goes on when its counters wrap beyond %d', (start) => {
    const memory = createQueueMemory(MAX_EVENTS, MAX_BYTES)
    const control = new Int32Array(memory.control)
    for (const word of [CONTROL.head, CONTROL.tail, CONTROL.bytesTail]) control[word] = start
    const producer = new QueueProducer(memory)
    const consumer = new QueueConsumer(memory)
    const waiting: string[] = []
    for (let round = 0; round < 40; round++) {
      // Always nearly full, so that a place used twice would show.
      while (waiting.length < MAX_EVENTS) {
        const line = 'x'.repeat((round + waiting.length) % 5)
        expect(producer.push(line)).toBe(true)
        waiting.push(`${line}\n`)
      }
      expect(producer.push(''), 'there is no more room').toBe(false)
      expect([producer.queued, consumer.queued]).toEqual([MAX_EVENTS, MAX_EVENTS])
      const first = consumer.next(1).toString()
      consumer.take(first.length)
      if (first.endsWith('\n')) expect(first).toBe(waiting.shift())
      else waiting[0] = waiting[0]?.slice(first.length) ?? ''
    }
    expect(producer.pushed).toBeGreaterThan(30)
  })
})
