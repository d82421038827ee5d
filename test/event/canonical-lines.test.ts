import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CanonicalLines } from '#src/event/canonical-lines.js'
import { decodeAnyLine } from '#src/event/event-line.js'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { LineEncoder } from '#src/event/line-encoder.js'
import type { DecodedLine } from '#src/event/line-parts.js'
import { AT, ID, lines, mutated, RUN, word, WRITTEN } from '../support/canonical-line-texts.js'

/** @returns undefined for a line that is not spelled as turnlog spells it, or is no text */
function decodeCanonicalLine(line: string): DecodedLine | undefined {
  if (!line.isWellFormed()) return undefined
  const bytes = Buffer.from(`${line}\n`)
  const canonical = new CanonicalLines(bytes, RUN)
  return canonical.find(0, bytes.length - 1) ? canonical.decoded() : undefined
}

describe('a line in the form turnlog writes', () => {
  it('is read without being parsed', () => {
    expect(decodeCanonicalLine(WRITTEN)).toEqual(decodeAnyLine(WRITTEN, RUN))
    expect(decodeCanonicalLine(WRITTEN)).toMatchObject({ kind: 'success', raw: null })
  })

  it('says what parsing it says, whatever is put in it or cut out', () => {
    let canonical = 0
    fc.assert(
      fc.property(fc.oneof(lines, mutated), (line) => {
        const quick = decodeCanonicalLine(line)
        if (quick === undefined) return
        canonical++
        expect(quick).toEqual(decodeAnyLine(line, RUN))
      }),
      { numRuns: 5000 },
    )
    expect(canonical).toBeGreaterThan(500)
  })

  it('says so with every single character of it changed', () => {
    for (let at = 0; at < WRITTEN.length; at++) {
      for (const character of ['', ' ', '"', '\\', '0', '-', '}', ']', ',', 'e', 'é', '\u0001']) {
        const line = WRITTEN.slice(0, at) + character + WRITTEN.slice(at + 1)
        const quick = decodeCanonicalLine(line)
        if (quick !== undefined) expect(quick, line).toEqual(decodeAnyLine(line, RUN))
      }
    }
  })

  it('says the same among others', () => {
    const line = fc
      .oneof(lines, mutated)
      .filter((text) => text.isWellFormed() && !text.includes('\n'))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (several) => {
        const bytes = Buffer.from(several.map((one) => `${one}\n`).join(''))
        const canonical = new CanonicalLines(bytes, RUN)
        let start = 0
        for (const one of several) {
          const end = start + Buffer.byteLength(one)
          const decoded = canonical.find(start, end) ? canonical.decoded() : undefined
          expect(decoded).toEqual(decodeCanonicalLine(one))
          start = end + 1
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('says where its parts stand, and what those say that have an escape', () => {
    const bytes = Buffer.from(`${WRITTEN}\n`)
    const canonical = new CanonicalLines(bytes, RUN)
    expect(canonical.find(0, bytes.length - 1)).toBe(true)
    expect(canonical.textOf(canonical.eventId)).toBe(ID)
    expect(canonical.textOf(canonical.causedBy)).toBe('["a","b"]')
    expect(canonical.textOf(canonical.description)).toBe('sells \\n é')
    expect(canonical.description.unescaped).toBe('sells \n é')
    expect(canonical.agentId.unescaped).toBe(undefined)
    expect(bytes.toString('utf8', canonical.details.start, canonical.kindEnd)).toBe(
      '{"status":"success"',
    )
  })

  it('is what the encoder of the writer makes', () => {
    const bytes = Buffer.alloc(100_000)
    const encoder = new LineEncoder(bytes)
    const wellFormed = word.filter((text) => text.isWellFormed())
    fc.assert(
      fc.property(
        fc.record({
          agent_id: wellFormed,
          description: wellFormed,
          kind: wellFormed,
          payload: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), {
            noNullPrototype: true,
          }),
        }),
        ({ agent_id, description, kind, payload }) => {
          const event: TurnlogEvent = {
            event_id: ID,
            timestamp: AT,
            turn_number: 7,
            event_type: 'ACTION',
            simulation_id: RUN,
            agent_id,
            description,
            details: { action_type: kind, action_payload: payload },
          }
          const end = encoder.encode(event, [ID], 0, bytes.length)
          if (end === undefined) return
          const line = bytes.toString('utf8', 0, end)
          expect(decodeCanonicalLine(line)).toMatchObject({ kind, raw: null, causes: [ID] })
        },
      ),
    )
  })
})
