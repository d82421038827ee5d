import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { TurnlogError } from '#src/errors.js'
import { openSidecarForReading } from '#src/sidecar/open-sidecar.js'
import { prepareQuery } from '#src/sidecar/prepare-query.js'

const directory = mkdtempSync(join(tmpdir(), 'turnlog-test-'))
const db = join(directory, 'x.db')
const made = join(directory, 'made.db')
const other = join(directory, 'other.db')

beforeAll(async () => {
  const root = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))
  await indexRoot({ root, db, search: false })
  new Database(other).exec('CREATE TABLE secret (a)').close()
})

afterAll(() => {
  rmSync(directory, { recursive: true })
})

/** What came of a query: its rows, or the error as code, message and hint. */
function outcome(query: string): unknown {
  const connection = openSidecarForReading(db)
  try {
    return [...prepareQuery(connection, query).rows()]
  } catch (error) {
    if (!(error instanceof TurnlogError)) throw error
    return `${error.code} ${error.message}; ${error.hint ?? ''}`
  } finally {
    connection.close()
  }
}

describe('a query is refused by what SQLite makes of it', () => {
  it.each([
    ['INSERT INTO event_type (id, name) VALUES (99, 1)', 'it would write'],
    ['DELETE FROM event', 'it would write'],
    ['DELETE FROM event RETURNING event_id', 'it would write'],
    ['WITH t AS (SELECT 1) UPDATE event SET turn = 0', 'it would write'],
    ['EXPLAIN DROP TABLE event', 'it would write'],
    ['CREATE TEMP TABLE mine AS SELECT 1', 'it would write'],
    ['CREATE VIRTUAL TABLE temp.mine USING fts5(a)', 'it would write'],
    ["INSERT INTO event_search (event_search) VALUES ('rebuild')", 'it would write'],
    ['VACUUM', 'it would write'],
    [`VACUUM INTO '${made}'`, 'it would write'],
    [`ATTACH '${made}' AS made`, 'it gives no rows'],
    [`ATTACH 'file:${made}?mode=rwc' AS made`, 'it gives no rows'],
    [`ATTACH '${other}' AS other`, 'it gives no rows'],
    [`/* SELECT */ ATTACH '${other}' AS other -- SELECT`, 'it gives no rows'],
    ['DETACH main', 'it gives no rows'],
    ['BEGIN', 'it gives no rows'],
    ['PRAGMA query_only = 0', 'it gives no rows'],
    ['PRAGMA writable_schema = 1', 'it gives no rows'],
    ['PRAGMA user_version = 0', 'it would write'],
    ['PRAGMA journal_mode = DELETE', 'it would write'],
    ['PRAGMA journal_mode', 'it would write, or could'],
    ['EXPLAIN DELETE FROM event', 'it would write, or could'],
    ['BEGIN', 'EXPLAIN of these, and a PRAGMA that can only tell something'],
    ['PRAGMA wal_checkpoint(TRUNCATE)', 'it would write'],
  ])('%s', (query, why) => {
    const before = readFileSync(db)
    expect(outcome(query)).toMatch(/^QUERY_NOT_READ_ONLY run the query: /)
    expect(outcome(query)).toContain(why)
    expect(existsSync(made)).toBe(false)
    expect(readFileSync(db).equals(before)).toBe(true)
  })
})

describe('a query that cannot be run is invalid', () => {
  it.each([
    ["SELECT load_extension('x.so')", 'not authorized'],
    [`SELECT writefile('${made}', 'x')`, 'no such function: writefile'],
    ["SELECT readfile('/etc/hostname')", 'no such function: readfile'],
    ['SELECT 1; SELECT 2', 'it has more than one statement'],
    ['/* nothing */', 'it has no statement'],
    ['SELECT 1\0; DELETE FROM event', 'at line 1, column 9: it has a NUL character'],
    ['SELECT 1\n\0', 'at line 2, column 1: it has a NUL character'],
    ['SELECT ?', 'it has parameters'],
    ['SELECT :name', 'it has parameters'],
    ['SELECT * FORM events', 'at line 1, column 10: near "FORM": syntax error'],
    ["SELECT 'events',\n  'é' FORM events", 'at line 2, column 12: near "events": syntax error'],
    ["SELECT 1,\n 'open", 'at line 2, column 2: unrecognized token: "\'open"'],
    ['SELECT (', 'at line 1, column 9: incomplete input'],
    ['SELECT agentid FROM events', 'at line 1, column 8: no such column: agentid'],
    ['SELECT agentid FROM events', 'did you mean agent_id?'],
    ['SELECT e.turn FROM events AS e', 'no such column: e.turn'],
    ['SELECT * FROM evnts', 'did you mean events?'],
    ['SELECT cuont(*) FROM events', 'did you mean count?'],
    ['SELECT qqqqqqqqqqqq FROM events', '`turnlog sql .schema`'],
    ["SELECT json('x')", 'malformed JSON'],
  ])('%s', (query, why) => {
    expect(outcome(query)).toMatch(/^QUERY_INVALID run the query/)
    expect(outcome(query)).toContain(why)
    expect(existsSync(made)).toBe(false)
  })

  it('also when only a later row of it is', () => {
    expect(outcome("SELECT json(column1) FROM (VALUES ('1'), ('x'))")).toContain('malformed JSON')
  })

  it('and too broad when it makes more than SQLite holds', () => {
    expect(outcome('SELECT zeroblob(2000000000)')).toMatch(/^QUERY_TOO_BROAD /)
  })
})

describe('a query gives', () => {
  it('integers, reals, texts, blobs and nulls as they are', () => {
    expect(outcome("SELECT 9223372036854775807, 1.0, 'a', x'00ff', NULL")).toEqual([
      [9223372036854775807n, 1, 'a', Buffer.from([0, 255]), null],
    ])
  })

  it('what PRAGMAs and EXPLAIN tell', () => {
    expect(outcome('PRAGMA quick_check')).toEqual([['ok']])
    expect(outcome('EXPLAIN QUERY PLAN SELECT * FROM rejects')).not.toEqual([])
    expect(outcome('VALUES (1); -- one')).toEqual([[1n]])
  })
})
