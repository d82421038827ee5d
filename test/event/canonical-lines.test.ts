import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CanonicalLines, NOWHERE } from '#src/event/canonical-lines.js'
import { decodeAnyLine } from '#src/event/event-line.js'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { KIND_KEYS, RECORDED_EVENT_TYPES } from '#src/event/event-type.js'
import { LineEncoder } from '#src/event/line-encoder.js'
import type { DecodedLine } from '#src/event/line-parts.js'
import { jsonText } from '../support/hostile-json.js'

const RUN = 'market-20251004-142345-6agents'
const ID = '01K6QSPYQQECAPQKQSZ39S9QG5'
const AT = '2025-10-04T14:23:45.123456+00:00'

function decodeCanonicalLine(line: string): DecodedLine | undefined {
  return new CanonicalLines(line, RUN).decode(0, line.length)
}

/** What makes a canonical line read otherwise, or not at all, is one of these or a single character. */
const ODD_PIECES = [
  ' ',
  '"',
  '\\',
  '\\u0061',
  '\\n',
  '\\ud83d',
  '\ud83d',
  '\u2028',
  '\u0000',
  '😀',
  'null',
  '1e999',
  '-0',
  '01',
  '1.0',
  '12345678901234567890',
  '[[]]',
  '{}',
  ',"agent_id":"x"',
  ',"details":{"status":"x"}',
  ',"__proto__":{}',
  '"status":"other",',
  '"\\u0073tatus":"other",',
  'ENV',
  '}',
  ']',
  ',',
  ':',
]

const word = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('anna', 'a\nb', '"', '\\', '\u2028', '\u007f', '😀', '\ud83d', 'é'),
)

const spelledWord = word.map((text) => JSON.stringify(text))

/** Mostly the first: each field that is odd hides what the ones behind it might bring to light. */
function mostly(usual: fc.Arbitrary<string>, odd: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: odd })
}

/** Details as turnlog writes them, and anything JSON can hold in any spelling. */
const details = mostly(
  fc.oneof(
    fc
      .tuple(fc.constantFrom(...Object.values(KIND_KEYS)), fc.jsonValue({ maxDepth: 3 }), word)
      .map(([key, value, kind]) => JSON.stringify({ [key]: kind, value, [`${key}_`]: [value] })),
    fc
      .tuple(
        fc.constantFrom(...Object.values(KIND_KEYS)),
        word,
        fc.array(fc.oneof(word, word, fc.nat())),
      )
      .map(([key, kind, names]) => JSON.stringify({ [key]: kind, participating_agent_ids: names })),
    jsonText.map((names) => `{"participating_agent_ids":["x"],"participating_agent_ids":${names}}`),
    fc
      .tuple(fc.constantFrom('status', 'action_type', 'x'), jsonText, jsonText)
      .map(([key, first, second]) => `{"${key}":${first},"status":${second}}`),
  ),
  jsonText,
)

const optional = (value: fc.Arbitrary<string>): fc.Arbitrary<string | undefined> =>
  fc.oneof(value, fc.constant(undefined), value, fc.constant('null'), value)

/** Lines in the order turnlog writes, with values that are mostly spelled as it would. */
const lines = fc
  .record({
    event_id: mostly(fc.constant(`"${ID}"`), spelledWord),
    timestamp: mostly(
      fc.constantFrom(`"${AT}"`, '"1955-02-28T23:59:59.000001+00:00"'),
      fc.constantFrom(
        '"2025-10-04T14:23:45.12345z+00:00"',
        '"2025-02-30T14:23:45.123456+00:00"',
        '"2025-10-04T14:23:45.123456+02:00"',
        '"2025-10-04T14:23:45Z"',
        '"1600-10-04T14:23:45.123456+00:00"',
      ),
    ),
    turn_number: mostly(
      fc.nat().map(String),
      fc.constantFrom('00', '7.0', '-1', '9007199254740991', '9007199254740993', '999999999999999'),
    ),
    event_type: mostly(
      fc.constantFrom(...RECORDED_EVENT_TYPES).map((type) => `"${type}"`),
      fc.constantFrom('"PARTY"', '"STATES"', '"STAT"', '""', 'null'),
    ),
    simulation_id: optional(mostly(fc.constant(`"${RUN}"`), fc.constantFrom('"other"', '7'))),
    agent_id: optional(mostly(spelledWord, jsonText)),
    caused_by: optional(
      mostly(
        fc.array(spelledWord, { maxLength: 3 }).map((ids) => `[${ids.join(',')}]`),
        fc.oneof(fc.constantFrom('["a","b","a"]', '[""]', '["a",7]', '"a"', '[ "a"]'), jsonText),
      ),
    ),
    description: optional(mostly(spelledWord, jsonText)),
    details: optional(details),
  })
  .map((fields) => {
    const members = Object.entries(fields).filter(([, value]) => value !== undefined)
    return `{${members.map(([key, value]) => `"${key}":${value ?? ''}`).join(',')}}`
  })

const WRITTEN = `{"event_id":"${ID}","timestamp":"${AT}","turn_number":3,"event_type":"SYSTEM","simulation_id":"${RUN}","agent_id":"anna","caused_by":["a","b"],"description":"sells \\n é","details":{"status":"success","n":-1.5e+3,"deep":[{"status":"x"},[],{},true,false,null]}}`

/** A line with a piece cut out and another put in its place, anywhere. */
const mutated = fc
  .tuple(
    fc.oneof(fc.constant(WRITTEN), lines),
    fc.nat({ max: 1000 }),
    fc.constantFrom(0, 1, 1, 2, 5, 1000),
    fc.oneof(fc.constant(''), fc.constantFrom(...ODD_PIECES), fc.string({ maxLength: 1 })),
  )
  .map(([line, share, cut, piece]) => {
    const at = Math.floor((line.length * share) / 1000)
    return line.slice(0, at) + piece + line.slice(at + cut)
  })

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

  it('says the same among others, and tells where its parts stand', () => {
    const line = fc
      .oneof(lines, mutated)
      .filter((text) => text.isWellFormed() && !text.includes('\n'))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (several) => {
        const text = several.map((one) => `${one}\n`).join('')
        const canonical = new CanonicalLines(text, RUN)
        let start = 0
        for (const one of several) {
          const decoded = canonical.decode(start, start + one.length)
          expect(decoded).toEqual(decodeCanonicalLine(one))
          start += one.length + 1
          if (decoded === undefined) continue
          const standsAt = (at: number, part: string | null): boolean =>
            part === null || at === NOWHERE || text.startsWith(part, at)
          expect(standsAt(canonical.eventIdAt, decoded.eventId)).toBe(true)
          expect(standsAt(canonical.descriptionAt, decoded.description)).toBe(true)
          expect(canonical.detailsAt).not.toBe(NOWHERE)
          expect(standsAt(canonical.detailsAt, decoded.details)).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('has a description that stands in the text, unless there is an escape in it', () => {
    const plain = WRITTEN.replace('\\n', '')
    const text = `${plain}\n${WRITTEN}\n${plain}`
    const canonical = new CanonicalLines(text, RUN)
    const second = plain.length + 1
    const third = text.length - plain.length
    const stands = (start: number, end: number): boolean => {
      expect(canonical.decode(start, end)).toBeDefined()
      return canonical.descriptionAt !== NOWHERE
    }
    expect(stands(0, plain.length)).toBe(true)
    expect(stands(second, third - 1)).toBe(false)
    expect(stands(third, text.length)).toBe(true)
    expect(stands(second, third - 1)).toBe(false)
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
