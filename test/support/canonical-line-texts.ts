import fc from 'fast-check'
import { KIND_KEYS, RECORDED_EVENT_TYPES } from '#src/event/event-type.js'
import { jsonText } from './hostile-json.js'

/** The run that the lines say they are of. */
export const RUN = 'market-20251004-142345-6agents'
/** The id that most of them have. */
export const ID = '01K6QSPYQQECAPQKQSZ39S9QG5'
/** When most of them were. */
export const AT = '2025-10-04T14:23:45.123456+00:00'

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

/** Mostly short, and anything a string can be. */
export const word = fc.oneof(
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
export const lines = fc
  .record({
    event_id: mostly(fc.constant(`"${ID}"`), spelledWord),
    timestamp: mostly(
      fc.constantFrom(`"${AT}"`, '"1955-02-28T23:59:59.000001+00:00"'),
      fc.constantFrom(
        '"2025-10-04T14:23:45.12345z+00:00"',
        // The ends of what a double counts in microseconds, and what lies behind them.
        '"2255-06-05T23:47:34.740991+00:00"',
        '"2255-06-05T23:47:34.740992+00:00"',
        '"1684-07-28T00:12:25.259009+00:00"',
        '"1684-07-28T00:12:25.259008+00:00"',
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

/** A line that has everything. */
export const WRITTEN = `{"event_id":"${ID}","timestamp":"${AT}","turn_number":3,"event_type":"SYSTEM","simulation_id":"${RUN}","agent_id":"anna","caused_by":["a","b"],"description":"sells \\n é","details":{"status":"success","n":-1.5e+3,"deep":[{"status":"x"},[],{},true,false,null]}}`

/** A line with a piece cut out and another put in its place, anywhere. */
export const mutated = fc
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
