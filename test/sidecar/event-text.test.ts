import Database from 'better-sqlite3'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { decodeLine } from '#src/event/event-line.js'
import { storedDetails } from '#src/event/stored-parts.js'
import { migrateSidecar } from '#src/sidecar/migrate.js'
import { spellWords } from '#src/sidecar/spell-words.js'
import { anyKeyText, jsonText, keyText, objectText } from '../support/hostile-json.js'

let db: Database.Database

beforeEach(async () => {
  db = new Database(':memory:')
  await migrateSidecar(db)
  return () => db.close()
})

interface EventText {
  readonly description: string | null
  readonly details: string | null
}

/** What can be searched of an event with these details, after it was stored as the indexer does. */
function textOf(details: string, description?: string): EventText {
  const line = JSON.stringify({
    event_id: 'a',
    timestamp: '2026-01-01T00:00:00.000000+00:00',
    turn_number: 0,
    event_type: 'STATE',
    description,
  }).replace(/\}$/, () => `,"details":${details}}`)
  const decoded = decodeLine(line, 'run')
  if ('problem' in decoded) throw new Error(decoded.problem)
  return textOfStored(storedDetails(decoded), decoded.kind, decoded.description)
}

function textOfStored(
  details: string | null,
  kind: string | null = null,
  description: string | null = null,
): EventText {
  db.exec('DELETE FROM event; DELETE FROM cell; DELETE FROM kind')
  if (kind !== null) db.prepare('INSERT INTO kind (id, name) VALUES (7, ?)').run(kind)
  db.prepare('INSERT INTO cell (id, type, kind) VALUES (1, 4, ?)').run(kind === null ? null : 7)
  db.prepare(
    `INSERT INTO event (id, simulation, segment, offset, length, timestamp, turn, cell, shape,
      event_id, description, details) VALUES (1, 1, 1, 0, 1, 0, 0, 1, 0, 'a', ?, ?)`,
  ).run(description, details)
  const text = db.prepare<[], EventText>('SELECT description, details FROM event_text').get()
  if (text === undefined) throw new Error('the event has no text')
  return text
}

/** Half a surrogate pair is no character in SQLite either, though it has another number of bytes. */
function comparable(text: string): string {
  return text.toWellFormed().replaceAll(/\ufffd+/g, '\ufffd')
}

const detailsText = fc.oneof(
  jsonText,
  objectText(
    fc.array(fc.tuple(fc.oneof(keyText('variable_name'), anyKeyText), jsonText), { maxLength: 4 }),
  ),
  objectText(
    fc.tuple(
      fc.tuple(fc.constant('"variable_name"'), fc.constantFrom('"wealth"', '"\\n"', '"{"', '""')),
      fc.tuple(anyKeyText, jsonText),
    ),
  ),
)

describe('the text of an event', () => {
  it('is its details with escapes resolved, whatever they are', () => {
    fc.assert(
      fc.property(detailsText, (details) => {
        const { details: text } = textOf(details)
        if (details.trim() === 'null') expect(text).toBeNull()
        else expect(comparable(text ?? '')).toBe(comparable(spellWords(details.trim())))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['{"variable_name":"x","note":"rain\\nand \\u00e4rger"}', 'rain\nand ärger'],
    ['{"variable_name":"x","note":"C:\\\\new"}', 'C: new'],
    ['{"variable_name":"x","note":"say \\"no\\""}', 'say  no '],
    ['{"variable_name":"x","note":"a\\u0000b"}', 'a b'],
    ['{"variable_name":"x","n":1.50,"is":true,"e":"\\t"}', '1.50, is :true'],
  ])('of %s has %j in it', (details, part) => {
    expect(textOf(details).details).toContain(part)
    expect(textOf(details).details).toContain('variable_name : x ')
  })

  it('stands as it is written where nothing is escaped', () => {
    const details = '{"variable_name":"x","new_value":1.0}'
    expect(textOf(details, 'sells\ngrain')).toEqual({ description: 'sells\ngrain', details })
  })

  it('knows no depth', () => {
    const details = `${'[1,'.repeat(3_000)}"deep\\nest"${']'.repeat(3_000)}`
    expect(textOf(details).details).toContain('deep\nest')
  })

  it('is there of an event without description and details', () => {
    expect(textOfStored(null)).toEqual({ description: null, details: null })
  })

  it('fails for nothing that is no JSON', () => {
    for (const details of ['\\', '{"a":"\\x"}', ',"a":"\\u12', '}\\']) {
      expect(() => textOfStored(details)).not.toThrow()
      expect(() => textOfStored(details, 'kind')).not.toThrow()
    }
  })
})
