import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteKeys, NOT_FOUND } from '#indexer/byte-keys.js'
import { EventBatch } from '#indexer/event-batch.js'
import { prepareBlocks } from '#indexer/prepare-blocks.js'
import { TextArena } from '#indexer/text-arena.js'
import { decodeAnyLine } from '#src/event/event-line.js'
import { compareEvents } from '#src/event/event-order.js'
import { storedCausedBy, storedDetails } from '#src/event/stored-parts.js'
import { lines, mutated, RUN } from '../support/canonical-line-texts.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** The lines as one block, whose bytes have no room for what is made of them. */
function prepare(several: readonly string[]) {
  const bytes = Buffer.from(several.map((line) => `${line}\n`).join(''))
  const path = join(temporaryDirectory(), 'events.jsonl')
  writeFileSync(path, bytes)
  const fd = openSync(path, 'r')
  try {
    const request = { fd, simulation: RUN, from: 0, prefixCrc: 0, until: bytes.length }
    return [...prepareBlocks(request, (size) => Buffer.alloc(size))]
  } finally {
    closeSync(fd)
  }
}

/** What is packed of some lines, by parsing every one of them. */
function prepareNaively(several: readonly string[]) {
  const decoded = several.map((line) => decodeAnyLine(line, RUN))
  const events = decoded.flatMap((event) => ('problem' in event ? [] : [event]))
  const first = new Map(events.toReversed().map((event) => [event.eventId, event]))
  return {
    events: [...first.values()].sort(compareEvents).map((event) => ({
      ...event,
      causedBy: storedCausedBy(event),
      details: storedDetails(event),
      participants: [...event.participants].sort(),
      causes: [...event.causes].sort(),
    })),
    copies: events.length - first.size,
    rejects: decoded.filter((event) => 'problem' in event).length,
  }
}

describe('prepareBlock', () => {
  it('packs what parsing every line says, whatever the lines are', () => {
    const line = fc
      .oneof(lines, mutated)
      .filter((text) => text.isWellFormed() && !/[\n\r]|^\ufeff/.test(text))
      // Half of them have an id of their own.
      .chain((text) => fc.nat({ max: 9 }).map((id) => text.replace(/QG5"/, `QG${id}"`)))
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), (several) => {
        const [block, ...rest] = prepare(several)
        expect(rest).toEqual([])
        if (block === undefined) throw new Error('there is a block')
        const batch = new EventBatch(block.events)
        const indexes = Array.from({ length: batch.size }, (_, index) => index)
        const causes = indexes.map(() => new Set<string>())
        for (let at = 0; at < block.links.length; at += 2) {
          const [cause = 0, effect = 0] = block.links.subarray(at, at + 2)
          causes[effect]?.add(batch.eventId(cause))
        }
        for (const { cause, effect } of block.outsideCauses) causes[effect]?.add(cause)
        const events = indexes.map((index) => ({
          ...batch.parts(index),
          participants: batch.cells[batch.cell(index)]?.participants,
          causes: [...(causes[index] ?? [])].sort(),
        }))
        const { furtherCopies, rejects } = block
        expect({ events, copies: furtherCopies.length, rejects: rejects.length }).toEqual(
          prepareNaively(several),
        )
      }),
      { numRuns: 2000 },
    )
  })
})

describe('ByteKeys', () => {
  it('numbers keys as a map does, also while the bytes grow', () => {
    const key = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ unit: 'grapheme' }))
    fc.assert(
      fc.property(fc.array(key.filter((text) => text.isWellFormed())), (several) => {
        const arena = new TextArena(Buffer.alloc(1), 0)
        const keys = new ByteKeys(arena, several.length)
        const numbers = new Map<string, number>()
        for (const one of several) {
          const { start, end } = arena.write(one)
          expect(keys.find(start, end)).toBe(numbers.get(one) ?? NOT_FOUND)
          expect(keys.add(start, end)).toBe(numbers.get(one) ?? NOT_FOUND)
          if (!numbers.has(one)) numbers.set(one, numbers.size)
        }
        expect(keys.size).toBe(numbers.size)
        expect(Buffer.from(arena.written()).toString()).toBe(several.join(''))
      }),
    )
  })
})
