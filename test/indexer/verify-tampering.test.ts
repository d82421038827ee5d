import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import type { Difference } from '#indexer/difference.js'
import { type VerifyReport, verifyRoot } from '#indexer/verify-root.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { TestRoot } from '../support/test-root.js'

const A = eventLine('a', { second: 5, agent: 'anna' })
const B = eventLine('b', { second: 6, causes: ['a', 'never'], turn: 70 })
/** Spelled unlike turnlog spells it, so that its row carries the whole line. */
const ODD = eventLine('odd', { second: 6 }).replace('{', '{ ')
const EARLIER = [A, B, ODD, 'junk', A, ODD.replace('{ ', '{')]
const LATER = [eventLine('c', { second: 1, causes: ['b'] })]

const directory = mkdtempSync(join(tmpdir(), 'turnlog-test-'))
const root = join(directory, 'root')
const good = join(directory, 'good.db')

beforeAll(async () => {
  for (const run of ['run', 'twin']) {
    mkdirSync(join(root, run), { recursive: true })
    writeFileSync(join(root, run, 'events_1.jsonl'), segmentText(...EARLIER))
    writeFileSync(join(root, run, 'events.jsonl'), `${segmentText(...LATER)}torn`)
  }
  mkdirSync(join(root, 'ordered'))
  writeFileSync(join(root, 'ordered', 'events.jsonl'), segmentText(A))
  await indexRoot({ root, db: good })
  return () => {
    rmSync(directory, { recursive: true })
  }
})

/** Verifies a copy of the good sidecar in which something was changed. */
function verifyTampered(sql: string): VerifyReport {
  const db = join(temporaryDirectory(), 'tampered.db')
  copyFileSync(good, db)
  const connection = new Database(db)
  connection.exec(sql)
  const changes = connection.prepare('SELECT total_changes()').pluck().get()
  expect(changes, 'rows changed').toBeGreaterThan(0)
  connection.close()
  return verifyRoot({ root, db })
}

/** In `run`, an event by its id. */
const event = (id: string): string =>
  `(SELECT event.id FROM event JOIN simulation ON simulation.id = event.simulation
    WHERE event_id = '${id}' AND name = 'run')`
const run = "(SELECT id FROM simulation WHERE name = 'run')"
const stretch = `(SELECT id FROM stretch WHERE simulation = ${run})`
const offsetOf = (line: string): number => segmentText(...EARLIER).indexOf(line)

describe('verifyRoot', () => {
  it('finds a good sidecar equal', () => {
    expect(verifyRoot({ root, db: good })).toMatchObject({
      equal: true,
      simulations: 3,
      segments: 5,
      events: 9,
      rejects: 2,
      duplicates: 4,
      difference_count: 0,
      differences: [],
    })
  })

  it('tells an agent without a name from no agent', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', eventLine('a', { agent: '' }), eventLine('b'))
    await test.index()
    expect(verifyRoot(test).differences).toEqual([])
  })

  it.each([
    ['a type there is none of', 'a', `UPDATE cell SET type = 99 WHERE agent IS NOT NULL`],
    ['a time out of range', 'a', `UPDATE event SET timestamp = 9e18 WHERE id = ${event('a')}`],
    ['a time that is a text', 'a', `UPDATE event SET timestamp = 'x' WHERE id = ${event('a')}`],
    ['a needless raw line', 'a', `UPDATE event SET raw = '${A}' WHERE id = ${event('a')}`],
    ['a shape nobody reads', 'odd', `UPDATE event SET shape = 1 WHERE id = ${event('odd')}`],
    ['a raw line that is no JSON', 'odd', `UPDATE event SET raw = '{' WHERE id = ${event('odd')}`],
    ['a segment', 'a', `UPDATE event SET segment = segment + 1 WHERE id = ${event('a')}`],
    ['a run', 'a', `UPDATE event SET simulation = 99 WHERE id = ${event('a')}`],
    [
      "a cause in another run's event",
      'b',
      `UPDATE edge SET cause = (SELECT id FROM event WHERE event_id = 'a' AND simulation <> ${run})
      WHERE effect = ${event('b')}`,
    ],
    [
      'a cause too many that is no event',
      'b',
      `INSERT INTO edge (cause, effect) VALUES (999, ${event('b')})`,
    ],
    [
      'a cause kept as missing that is not',
      'b',
      `DELETE FROM edge WHERE effect = ${event('b')};
      INSERT INTO dangling VALUES (${run}, 'a', ${event('b')})`,
    ],
    [
      'a missing cause linked to a stranger',
      'b',
      `DELETE FROM dangling WHERE effect = ${event('b')};
      INSERT INTO edge VALUES (${event('c')}, ${event('b')})`,
    ],
  ])('finds %s, and where', (_what, id, sql) => {
    const offset = offsetOf({ a: A, b: B, odd: ODD }[id] ?? '')
    const report = verifyTampered(sql)
    expect(report.equal).toBe(false)
    expect(report.differences).toContainEqual(
      expect.objectContaining({
        simulation_id: 'run',
        segment: 'events_1.jsonl',
        offset,
        event_id: id,
        problem: expect.stringContaining(`event ${id}`) as string,
      }),
    )
  })

  it.each([
    [
      'an event too many',
      `INSERT INTO event (simulation, segment, offset, length, timestamp, turn, cell, shape, event_id)
      SELECT simulation, segment, 7, 9, timestamp, turn, cell, shape, 'extra' FROM event
      WHERE id = ${event('a')}`,
      { segment: 'events_1.jsonl', offset: 7, problem: /^event extra is indexed here/ },
    ],
    [
      'a reject of another length',
      `UPDATE reject SET length = 3 WHERE simulation = ${run}`,
      { segment: 'events_1.jsonl', offset: offsetOf('junk'), problem: /^length is 3, not 4/ },
    ],
    [
      'a reject for another reason',
      `UPDATE reject SET reason = 'bad mood' WHERE simulation = ${run}`,
      { segment: 'events_1.jsonl', offset: offsetOf('junk'), problem: /because: not JSON/ },
    ],
    [
      'a reject that moved',
      `UPDATE reject SET offset = offset + 1 WHERE simulation = ${run}`,
      { segment: 'events_1.jsonl', offset: offsetOf('junk'), problem: /not indexed as a reject/ },
    ],
    [
      'a reject that is kept twice',
      `INSERT INTO reject (simulation, segment, offset, length, reason)
      SELECT simulation, segment, offset, length, reason FROM reject WHERE simulation = ${run}`,
      { problem: /^2 rejects are indexed, but there are 1/ },
    ],
    [
      'which reject is kept twice',
      `INSERT INTO reject (id, simulation, segment, offset, length, reason)
      SELECT 77, simulation, segment, offset, length, reason FROM reject WHERE simulation = ${run}`,
      { segment: 'events_1.jsonl', table: 'reject', row: 77, problem: /reject twice/ },
    ],
    [
      'a reject of no segment',
      `INSERT INTO reject VALUES (77, ${run}, 99, 0, 0, '')`,
      { table: 'reject', row: 77, problem: /of no segment the run has/ },
    ],
    [
      'the size of a segment',
      `UPDATE segment SET size = size + 1 WHERE simulation = ${run} AND name = 'events.jsonl'`,
      { segment: 'events.jsonl', table: 'segment', problem: /^size is kept as \d+, but is \d+/ },
    ],
    ...['event_count', 'reject_count', 'duplicate_count'].map((column) => [
      `the ${column} of a segment`,
      `UPDATE segment SET ${column} = 77 WHERE simulation = ${run} AND name = 'events_1.jsonl'`,
      { segment: 'events_1.jsonl', problem: new RegExp(`^${column} is kept as 77`) },
    ]),
    ...['prefix_crc', 'tail_crc'].map((column) => [
      `the ${column} of a segment`,
      `UPDATE segment SET ${column} = 77 WHERE simulation = ${run} AND name = 'events.jsonl'`,
      { segment: 'events.jsonl', problem: /checksums/ },
    ]),
    [
      'a checkpoint behind a torn tail',
      `UPDATE segment SET checkpoint = size WHERE simulation = ${run} AND name = 'events.jsonl'`,
      { segment: 'events.jsonl', problem: /the last line before that ends at/ },
    ],
    [
      'a checkpoint behind the end',
      `UPDATE segment SET checkpoint = 9999 WHERE simulation = ${run} AND name = 'events.jsonl'`,
      { segment: 'events.jsonl', problem: /bytes long, but indexed up to 9999/ },
    ],
    [
      'a checkpoint within a line',
      `UPDATE segment SET checkpoint = 9 WHERE simulation = ${run} AND name = 'events.jsonl'`,
      { segment: 'events.jsonl', problem: /the last line before that ends at 0/ },
    ],
    [
      'a segment that is kept twice',
      `INSERT INTO segment (simulation, name, size, device, inode, modified_ms, checkpoint, prefix_crc, tail_crc)
      SELECT simulation, name, size, device, inode, modified_ms, checkpoint, prefix_crc, tail_crc
      FROM segment WHERE simulation = ${run} AND name = 'events.jsonl'`,
      { segment: 'events.jsonl', problem: /is indexed but not on disk/ },
    ],
    ...[
      'event_count',
      'reject_count',
      'duplicate_count',
      'first_timestamp',
      'last_timestamp',
      'last_event_id',
      'first_turn',
      'last_turn',
    ].map((column) => [
      `the ${column} of a run`,
      `UPDATE simulation SET ${column} = 77 WHERE id = ${run}`,
      { problem: new RegExp(`^${column} is kept as 77`) },
    ]),
    [
      'the events of a stretch',
      `UPDATE stretch SET events = 77 WHERE simulation = ${run}`,
      { problem: /^events of stretch \d+ is kept as 77, but is 4/ },
    ],
    [
      'counts of a stretch that are those of another one',
      `UPDATE stretch SET cell_events = cell_leaves WHERE simulation = ${run}`,
      { problem: /^counts of stretch \d+ is kept as .*1 events of cell \d/ },
    ],
    [
      'counts of a stretch that cannot be read',
      `UPDATE stretch SET cells = x'' WHERE simulation = ${run}`,
      { problem: /^stretch \d+ cannot be read/ },
    ],
    [
      'the turns of a leaf',
      `UPDATE leaf SET last_turn = 77 WHERE stretch = ${stretch}`,
      { problem: /^last_turn of leaf \d+ is kept as 77, but is 70/ },
    ],
    [
      'the times in a leaf',
      `UPDATE leaf SET timestamps = turns WHERE stretch = ${stretch}`,
      { problem: /does not keep the time, turn and cell of event c/ },
    ],
    [
      'a leaf that cannot be read',
      `UPDATE leaf SET event_rows = x'78' WHERE stretch = ${stretch}`,
      { problem: /^leaf \d+ cannot be read/ },
    ],
    [
      "a place in the order that leads to another run's event",
      `UPDATE leaf SET event_rows = (SELECT other.event_rows FROM leaf AS other
        WHERE other.stretch <> leaf.stretch ORDER BY other.events DESC LIMIT 1)
      WHERE stretch = ${stretch}`,
      { problem: /leads to row \d+, which is no event of the run/ },
    ],
    [
      'an event without a place in the order',
      `DELETE FROM leaf WHERE stretch = ${stretch}`,
      { problem: /^0 of 4 events have their place/ },
    ],
    [
      'which event has no place in the order',
      `DELETE FROM leaf WHERE stretch = ${stretch}`,
      { event_id: 'a', table: 'event', problem: /^event a has no place/ },
    ],
    [
      'an order claimed',
      `UPDATE simulation SET ordered = 1 WHERE id = ${run}`,
      { problem: /^the run is kept as ordered, but 1 rows are not in order/ },
    ],
  ] as [string, string, Omit<Difference, 'problem'> & { problem: RegExp }][])(
    'finds %s',
    (_what, sql, { problem, ...place }) => {
      const { equal, differences } = verifyTampered(sql)
      expect(equal).toBe(false)
      expect(differences).toContainEqual(
        expect.objectContaining({
          simulation_id: 'run',
          ...place,
          problem: expect.stringMatching(problem) as string,
        }),
      )
    },
  )

  it.each([
    ['segment', "INSERT INTO segment SELECT 99, 99, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"],
    ['reject', "INSERT INTO reject VALUES (99, 99, 1, 0, 0, '')"],
    ['dangling', "INSERT INTO dangling VALUES (99, 'x', 999)"],
    ['stretch', "INSERT INTO stretch VALUES (99, 99, 0, '', 0, 0, 0, x'', x'', x'', x'')"],
    ['leaf', "INSERT INTO leaf VALUES (99, 99, 0, '', 0, 0, 0, x'', x'', x'', x'', x'', x'')"],
    ['edge', 'INSERT INTO edge VALUES (998, 999)'],
  ])('finds rows of %s that nothing leads to', (table, sql) => {
    const { equal, differences } = verifyTampered(sql)
    expect(equal).toBe(false)
    expect(differences[0]?.problem).toMatch(new RegExp(`^row \\S+( → \\d+)? of ${table} `))
  })

  it('finds a row that an index leaves out', () => {
    const db = join(temporaryDirectory(), 'tampered.db')
    copyFileSync(good, db)
    const connection = new Database(db).unsafeMode()
    const name = 'event_by_simulation_turn'
    const index = connection.prepare('SELECT * FROM sqlite_schema WHERE name = ?').get(name)
    connection.exec('PRAGMA writable_schema = 1')
    connection.prepare('DELETE FROM sqlite_schema WHERE name = ?').run(name)
    connection.close()
    const without = new Database(db).unsafeMode()
    without.exec('UPDATE event SET turn = turn + 1 WHERE id = 1; PRAGMA writable_schema = 1')
    without
      .prepare('INSERT INTO sqlite_schema VALUES (@type, @name, @tbl_name, @rootpage, @sql)')
      .run(index)
    without.close()
    const problems = verifyRoot({ root, db }).differences.map(({ problem }) => problem)
    expect(problems).toContainEqual(expect.stringContaining(`row 1 missing from index ${name}`))
  })

  it('compares one run alone where it is told to', () => {
    const db = join(temporaryDirectory(), 'tampered.db')
    copyFileSync(good, db)
    const connection = new Database(db)
    connection.exec(`UPDATE event SET turn = turn + 1 WHERE id = ${event('a')}`)
    connection.close()
    expect(verifyRoot({ root, db, simulation: 'run' })).toMatchObject({ equal: false })
    const other = 'twin'
    expect(verifyRoot({ root, db, simulation: other })).toMatchObject({
      equal: true,
      simulations: 1,
    })
    expect(() => verifyRoot({ root, db, simulation: 'runn' })).toThrow('there is no such run')
  })

  it('says of a damaged file that it is damaged', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', ...Array.from({ length: 2000 }, (_, at) => eventLine(`e${at}`)))
    await test.index()
    writeFileSync(test.db, readFileSync(test.db).fill(0x55, 30 * 4096))
    const { equal, differences, events } = verifyRoot(test)
    expect({ equal, events }).toEqual({ equal: false, events: 0 })
    expect(differences[0]?.problem).toContain('the sidecar is damaged')
  })

  it('counts all differences, and gives the first hundred', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', ...Array.from({ length: 150 }, (_, at) => eventLine(`e${at}`)))
    await test.index()
    const connection = new Database(test.db)
    connection.exec('UPDATE event SET length = 1')
    connection.close()
    const { difference_count: count, differences } = verifyRoot(test)
    expect(count).toBe(150)
    expect(differences).toHaveLength(100)
  })

  it('finds what is indexed wrong also where more is to be indexed', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', A)
    await test.index()
    appendFileSync(test.path('events.jsonl'), segmentText(B))
    const connection = new Database(test.db)
    connection.exec("UPDATE event SET description = 'x'")
    connection.close()
    expect(verifyRoot(test).differences).toMatchObject([
      { offset: 0, problem: 'event a: description is "x", not null' },
      { offset: A.length + 1, problem: expect.stringContaining('1 lines') as string },
    ])
  })
})
