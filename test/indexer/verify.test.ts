import { appendFileSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { type VerifyReport, verifyRoot } from '#indexer/verify-root.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** Everything a sidecar can hold: links, missing causes, copies, rejects, disorder. */
const LINES = [
  eventLine('a', { second: 5, agent: 'anna', description: 'first' }),
  eventLine('b', { second: 6, causes: ['a', 'never'], type: 'ACTION', agent: 'bert', turn: 70 }),
  'junk',
  eventLine('a', { second: 5, agent: 'anna', description: 'first' }),
]
const LATER = [eventLine('c', { second: 1, causes: ['b'] })]

const directory = mkdtempSync(join(tmpdir(), 'turnlog-test-'))
const root = join(directory, 'root')
const good = join(directory, 'good.db')

beforeAll(async () => {
  mkdirSync(join(root, 'run'), { recursive: true })
  mkdirSync(join(root, 'ordered'), { recursive: true })
  writeFileSync(join(root, 'run', 'events_1.jsonl'), segmentText(...LINES))
  writeFileSync(join(root, 'run', 'events.jsonl'), segmentText(...LATER))
  const two = [eventLine('x', { second: 1 }), eventLine('y', { second: 2 })]
  writeFileSync(join(root, 'ordered', 'events.jsonl'), segmentText(...two))
  await indexRoot({ root, db: good })
  return () => {
    rmSync(directory, { recursive: true })
  }
})

/** Verifies a copy of the good sidecar with something in it changed. */
function verifyTampered(sql: string): VerifyReport {
  const db = join(temporaryDirectory(), 'tampered.db')
  copyFileSync(good, db)
  const connection = new Database(db)
  expect(connection.prepare('SELECT count(*) FROM event').pluck().get()).toBe(5)
  connection.exec(sql)
  connection.close()
  return verifyRoot({ root, db })
}

const CELL_OF_B = "(SELECT cell FROM event WHERE event_id = 'b')"

const AT_B = {
  simulation_id: 'run',
  segment: 'events_1.jsonl',
  offset: (LINES[0]?.length ?? 0) + 1,
}

describe('verifyRoot', () => {
  it('finds a true sidecar equal', () => {
    expect(verifyRoot({ root, db: good })).toMatchObject({
      equal: true,
      simulations: 2,
      segments: 3,
      events: 5,
      rejects: 1,
      duplicates: 1,
      difference_count: 0,
      differences: [],
    })
  })

  it.each([
    ['a timestamp', "UPDATE event SET timestamp = timestamp + 1 WHERE event_id = 'b'"],
    ['a turn', "UPDATE event SET turn = 1 WHERE event_id = 'b'"],
    ['a type', `UPDATE cell SET type = 2 WHERE id = ${CELL_OF_B}`],
    [
      'a kind',
      `INSERT INTO kind VALUES (9, 'k'); UPDATE cell SET kind = 9 WHERE id = ${CELL_OF_B}`,
    ],
    ['an agent', `UPDATE cell SET agent = NULL WHERE id = ${CELL_OF_B}`],
    ['a cell', "UPDATE event SET cell = 99 WHERE event_id = 'b'"],
    ['participants', `UPDATE cell SET participants = '["anna"]' WHERE id = ${CELL_OF_B}`],
    ['a shape', "UPDATE event SET shape = shape + 27 WHERE event_id = 'b'"],
    ['causes', "UPDATE event SET caused_by = '[]' WHERE event_id = 'b'"],
    ['a description', "UPDATE event SET description = 'x' WHERE event_id = 'b'"],
    ['details', "UPDATE event SET details = '{}' WHERE event_id = 'b'"],
    ['a raw line', "UPDATE event SET raw = '{}' WHERE event_id = 'b'"],
    ['a length', "UPDATE event SET length = 1 WHERE event_id = 'b'"],
    ['an offset', "UPDATE event SET offset = offset + 1 WHERE event_id = 'b'"],
    ['an id', "UPDATE event SET event_id = 'z' WHERE event_id = 'b'"],
    ['a missing event', "DELETE FROM event WHERE event_id = 'b'"],
    [
      'a missing link',
      "DELETE FROM edge WHERE effect = (SELECT id FROM event WHERE event_id = 'b')",
    ],
    [
      'a link too many',
      "INSERT INTO edge SELECT x.id, b.id FROM event x, event b WHERE x.event_id = 'c' AND b.event_id = 'b'",
    ],
    ['a missing cause that was forgotten', 'DELETE FROM dangling'],
  ])('says where %s differs', (_what, sql) => {
    const report = verifyTampered(sql)
    expect(report.equal).toBe(false)
    expect(report.differences).toContainEqual(expect.objectContaining(AT_B))
  })

  it.each([
    [
      'an event too many',
      "INSERT INTO event SELECT 99, simulation, segment, 9, 9, timestamp, turn, cell, shape, 'extra', caused_by, description, details, raw FROM event WHERE event_id = 'b'",
    ],
    ['the events of a stretch', 'UPDATE stretch SET events = events + 1 WHERE id = 1'],
    ['the turns of a stretch', 'UPDATE stretch SET last_turn = last_turn + 1 WHERE id = 1'],
    ['the counts of a stretch', 'UPDATE stretch SET cell_events = cells WHERE id = 1'],
    ['a missing stretch', 'DELETE FROM stretch WHERE id = 1'],
    ['the events of a leaf', 'UPDATE leaf SET events = events + 1 WHERE id = 1'],
    ['the beginning of a leaf', "UPDATE leaf SET first_event_id = 'zz' WHERE id = 1"],
    ['the turns in a leaf', 'UPDATE leaf SET turns = event_cells WHERE id = 1'],
    ['the order in a leaf', 'UPDATE leaf SET event_rows = timestamps WHERE id = 1'],
    ['the counts of a leaf', 'UPDATE leaf SET cell_events = cells WHERE id = 1'],
    ['a column that is no column', "UPDATE leaf SET event_cells = x'0102' WHERE id = 1"],
    ['counts that are none', "UPDATE leaf SET cell_events = x'0102' WHERE id = 1"],
    ['a missing leaf', 'DELETE FROM leaf WHERE id = 1'],
    ['a count of events', "UPDATE simulation SET event_count = 7 WHERE name = 'run'"],
    ['a count of rejects', "UPDATE simulation SET reject_count = 7 WHERE name = 'run'"],
    ['a count of copies', "UPDATE simulation SET duplicate_count = 7 WHERE name = 'run'"],
    ['a span of time', "UPDATE simulation SET first_timestamp = 7 WHERE name = 'run'"],
    ['a span of turns', "UPDATE simulation SET last_turn = 7 WHERE name = 'run'"],
    ['a claimed order', "UPDATE simulation SET ordered = 1 WHERE name = 'run'"],
    [
      'a cause that is not missing',
      "INSERT INTO dangling SELECT 1, 'a', id FROM event WHERE event_id = 'c'",
    ],
    ['a missing reject', 'DELETE FROM reject'],
    [
      'a reject too many',
      'INSERT INTO reject SELECT 99, simulation, segment, 0, 5, reason FROM reject',
    ],
    ['a participant too many', 'INSERT INTO participant SELECT id, 1 FROM agent'],
    ['a run that is not there', "UPDATE simulation SET name = 'ghost' WHERE name = 'ordered'"],
    [
      'a segment that is not there',
      "UPDATE segment SET name = 'events_9.jsonl' WHERE name = 'events_1.jsonl'",
    ],
  ])('finds %s', (_what, sql) => {
    expect(verifyTampered(sql)).toMatchObject({ equal: false })
  })

  it('says which lines are not indexed yet', async () => {
    const place = temporaryDirectory()
    const other = join(place, 'root')
    const db = join(place, 'index.db')
    mkdirSync(join(other, 'run'), { recursive: true })
    const path = join(other, 'run', 'events.jsonl')
    writeFileSync(path, segmentText(eventLine('a')))
    await indexRoot({ root: other, db })
    appendFileSync(path, segmentText(eventLine('b'), eventLine('c')))
    expect(verifyRoot({ root: other, db }).differences).toEqual([
      {
        simulation_id: 'run',
        segment: 'events.jsonl',
        offset: eventLine('a').length + 1,
        problem: expect.stringContaining('2 lines') as string,
      },
    ])
  })

  it('names a sidecar that is not there', () => {
    expect(() => verifyRoot({ root, db: join(directory, 'none.db') })).toThrow(
      expect.objectContaining({ code: 'SIDECAR_NOT_FOUND' }) as Error,
    )
  })
})
