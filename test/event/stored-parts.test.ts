import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RECORDED_EVENT_TYPES } from '#src/event/event-type.js'
import type { LineParts } from '#src/event/line-parts.js'
import {
  storedCausedBy,
  storedDetails,
  wholeCausedBy,
  wholeDetails,
} from '#src/event/stored-parts.js'
import type { TimestampMicros } from '#src/event/timestamp.js'
import { migrateSidecar } from '#src/sidecar/migrate.js'
import { jsonText } from '../support/hostile-json.js'

const ID = '01K6QSPZPPXN2BTTDBZVRF0DVH'

function partsOf(fields: Partial<LineParts>): LineParts {
  return {
    eventId: ID,
    timestamp: 0 as TimestampMicros,
    turn: 0,
    type: 3,
    agentId: null,
    kind: null,
    causedBy: null,
    description: null,
    details: null,
    shape: 0,
    raw: null,
    ...fields,
  }
}

const eventId = fc.constantFrom(ID, 'a', 'event-12', 'Großbank 1', '😀', '$&', '"', 'A B')
const cause = fc.oneof(
  fc.constantFrom(
    ID,
    '01K6QSPZPKGFFC5P4NZX9NYW4R',
    'a',
    'ab',
    'event-13',
    'Groß',
    '😀',
    '$&$1',
    '"',
  ),
  fc.string({ maxLength: 30 }).filter((text) => text !== ''),
)
const causedBy = fc.oneof(
  fc.array(cause, { maxLength: 4 }).map((causes) => JSON.stringify(causes)),
  fc.constantFrom('["a",7,"b"]', '["a" ,"b"]', '[""]', '["\\u0061"]'),
  jsonText,
)
const kind = fc.oneof(fc.constantFrom('trade', 'é', '😀', "it's", 'a"b', '\u0001'), fc.string())
const details = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('action_type', 'status', 'variable_name'),
      kind,
      fc.constantFrom('', ',"a":1.0', ' ', ',"status":"x"', ',"action_type":"trade"'),
    )
    .map(([key, word, more]) => `{"${key}":${JSON.stringify(word)}${more}}`),
  jsonText,
)
const parts = fc
  .record({
    eventId,
    type: fc.integer({ min: 1, max: RECORDED_EVENT_TYPES.length }),
    kind: fc.option(kind),
    causedBy: fc.option(causedBy),
    details: fc.option(details),
  })
  .map(partsOf)

function stored(whole: LineParts): LineParts {
  return { ...whole, causedBy: storedCausedBy(whole), details: storedDetails(whole) }
}

describe('the form that parts are stored in', () => {
  it.each([
    ['["01K6QSPZPKGFFC5P4NZX9NYW4R"]', 'JKGFFC5P4NZX9NYW4R'],
    ['["01K6QSPZPKGFFC5P4NZX9NYW4R","01K6Q","x"]', 'A01K6QSPZPKGFFC5P4NZX9NYW4R 01K6Q x'],
    [`["${ID}"]`, 'ZH'],
    ['["a b"]', '["a b"]'],
    ['[]', '[]'],
  ])('makes of the causes %s %s', (spelled, short) => {
    expect(storedCausedBy(partsOf({ causedBy: spelled }))).toBe(short)
  })

  it.each([
    ['{"action_type":"trade"}', '}'],
    ['{"action_type":"trade","price":1.0}', ',"price":1.0}'],
    ['{"price":1.0,"action_type":"trade"}', '{"price":1.0,"action_type":"trade"}'],
    ['{"action_type": "trade"}', '{"action_type": "trade"}'],
  ])('makes of the details %s %s', (spelled, short) => {
    expect(storedDetails(partsOf({ kind: 'trade', details: spelled }))).toBe(short)
  })

  it('gives back what it was made of', () => {
    fc.assert(
      fc.property(parts, (whole) => {
        const short = stored(whole)
        expect(wholeCausedBy(short)).toBe(whole.causedBy)
        expect(wholeDetails(short)).toBe(whole.details)
        expect(wholeCausedBy(whole)).toBe(whole.causedBy)
        expect(wholeDetails(whole)).toBe(whole.details)
      }),
      { numRuns: 2000 },
    )
  })

  it('is made whole by the view, too', async () => {
    const db = new Database(':memory:')
    onTestFinished(() => {
      db.close()
    })
    await migrateSidecar(db)
    db.exec(`INSERT INTO simulation (id, name) VALUES (1, 'run');
      INSERT INTO segment (id, simulation, name, size, device, inode, modified_ms, checkpoint, prefix_crc, tail_crc)
        VALUES (1, 1, 'events.jsonl', 0, 0, 0, 0, 0, 0, 0);
      INSERT INTO kind (id, name) VALUES (1, '');
      INSERT INTO cell (id, type) VALUES (1, 1)`)
    const setKind = db.prepare('UPDATE kind SET name = ?')
    const setCell = db.prepare('UPDATE cell SET type = ?, kind = ?')
    const insert =
      db.prepare(`INSERT OR REPLACE INTO event (id, simulation, segment, offset, length,
        timestamp, turn, cell, shape, event_id, caused_by, details)
      VALUES (1, 1, 1, 0, 0, 0, 0, 1, 0, ?, ?, ?)`)
    const view = db.prepare('SELECT caused_by AS causedBy, details FROM events')
    const isText = (text: string | null): boolean =>
      text === null || !/[\0\ud800-\udfff]/.test(text)
    fc.assert(
      fc.property(
        parts.filter((whole) => [whole.kind, whole.causedBy, whole.details].every(isText)),
        (whole) => {
          const short = stored(whole)
          setKind.run(whole.kind ?? '')
          setCell.run(whole.type, whole.kind === null ? null : 1)
          insert.run(whole.eventId, short.causedBy, short.details)
          expect(view.get()).toEqual({ causedBy: whole.causedBy, details: whole.details })
        },
      ),
      { numRuns: 1000 },
    )
  })
})
