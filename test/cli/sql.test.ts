import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { type CommandResult, runCli, runCliWithInput } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const directory = mkdtempSync(join(tmpdir(), 'turnlog-test-'))
const db = join(directory, 'x.db')

beforeAll(async () => {
  const root = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))
  await indexRoot({ root, db, search: false })
})

afterAll(() => {
  rmSync(directory, { recursive: true })
})

const sql = (...args: string[]): Promise<CommandResult> => runCli('sql', '--db', db, ...args)

const RUNS = 'SELECT simulation_id, event_count FROM simulations ORDER BY event_count'
const VALUES = `SELECT 9007199254740993 AS big, 1.0 AS one, 1e30 AS huge, 9e999 AS infinite,
  NULL AS missing, '' AS empty, 'a,"b"' || char(10, 27, 155) AS hostile, x'00ff' AS bytes, 2 AS big`

describe('turnlog sql prints', () => {
  it('a table for people', async () => {
    expect(await sql(RUNS)).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'simulation_id                   event_count',
        'solo                                     41',
        'market-20251004-142345-6agents         2000',
        '',
      ].join('\n'),
    })
  })

  it('in a table nothing that steers a terminal, NULL for null, and the titles of no rows', async () => {
    const { stdout } = await sql(VALUES)
    expect(stdout).toMatch(/^ *big +one +huge +infinite +missing +empty +hostile +bytes +big *\n/)
    expect(stdout).toMatch(/\n9007199254740993 +1\.0 +1e\+30 +9e999 +NULL +a,"b" +x'00ff' +2\n$/)
    expect((await sql('SELECT 1 AS one WHERE 0')).stdout).toBe('one\n')
  })

  it('CSV, in which null is no text and no text is quoted', async () => {
    const { stdout } = await sql('--csv', VALUES)
    expect(stdout).toBe(
      'big,one,huge,infinite,missing,empty,hostile,bytes,big\n' +
        `9007199254740993,1.0,1e+30,9e999,,"","a,""b""\n\u001b\u009b",x'00ff',2\n`,
    )
    expect((await sql('--csv', 'SELECT 1 AS "a,b" WHERE 0')).stdout).toBe('"a,b"\n')
  })

  it('JSON with all digits, and every column though two have one name', async () => {
    const { stdout } = await sql('--json', VALUES)
    expect(stdout).toContain('{"big":9007199254740993,"one":1.0,"huge":1e+30,"infinite":9e999,')
    // eslint-disable-next-line no-control-regex -- none is to be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    expect(JSON.parse(stdout)).toEqual({
      columns: [
        ...['big', 'one', 'huge', 'infinite', 'missing'],
        ...['empty', 'hostile', 'bytes', 'big:1'],
      ],
      rows: [
        {
          big: Number('9007199254740993'),
          one: 1,
          huge: 1e30,
          infinite: Infinity,
          missing: null,
          empty: '',
          hostile: 'a,"b"\n\u001b\u009b',
          bytes: { $base64: true, encoded: 'AP8=' },
          'big:1': 2,
        },
      ],
      row_count: 1,
      truncated: false,
    })
    expect(JSON.parse((await sql('--json', 'SELECT 1 AS a WHERE 0')).stdout)).toEqual({
      columns: ['a'],
      rows: [],
      row_count: 0,
      truncated: false,
    })
  })

  it('NDJSON', async () => {
    const { stdout } = await sql('--ndjson', RUNS)
    expect(stdout).toBe(
      '{"simulation_id":"solo","event_count":41}\n' +
        '{"simulation_id":"market-20251004-142345-6agents","event_count":2000}\n',
    )
  })

  it('every row of a long answer, in order, as SQLite gives it', async () => {
    const query = 'SELECT * FROM events ORDER BY simulation_id, timestamp, event_id'
    const { code, stdout } = await sql('--ndjson', query)
    expect(code).toBe(0)
    const connection = new Database(db, { readonly: true })
    const expected: unknown[] = connection.prepare(query).all()
    connection.close()
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(expected)
  })

  it('rows up to the limit, and says that there are more', async () => {
    const cut = await sql('--json', '--limit', '3', 'SELECT event_id FROM events')
    expect(JSON.parse(cut.stdout)).toMatchObject({ row_count: 3, truncated: true })
    expect(cut).toMatchObject({
      code: 0,
      stderr: 'stopped after 3 rows: --limit 0 gives all there are\n',
    })
    const whole = await sql('--json', '--limit', '2041', 'SELECT event_id FROM events')
    expect(JSON.parse(whole.stdout)).toMatchObject({ row_count: 2041, truncated: false })
    expect(whole.stderr).toBe('')
    const endless = `WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t`
    const stopped = await sql('--ndjson', endless)
    expect(stopped.stdout.trimEnd().split('\n')).toHaveLength(10_000)
    const more = `${endless} LIMIT 25000`
    expect((await sql('--csv', '--limit', '0', more)).stdout).toMatch(/\n24999\n25000\n$/)
  })
})

describe('turnlog sql --help', () => {
  it('shows examples, flags and variables', async () => {
    const { code, stdout } = await runCli('sql', '--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(/Examples:\n {2}\$ turnlog sql /)
    expect(stdout).toMatch(/--timeout <seconds> [^]*default: 10, env:\s*TURNLOG_SQL_TIMEOUT/)
  })
})

describe('turnlog sql takes the query', () => {
  it('from a file', async () => {
    const file = join(temporaryDirectory(), 'question.sql')
    writeFileSync(file, `-- how many?\nSELECT count(*) AS events\nFROM events;\n-- that many\n`)
    expect((await sql('--file', file)).stdout).toBe('events\n  2041\n')
    writeFileSync(file, 'SELECT 1;\0 SELECT 2;')
    const cut = await sql('--file', file)
    expect(cut).toMatchObject({ code: 2, stdout: '' })
    expect(cut.stderr).toContain('it has a NUL character')
    const both = await sql('--file', file, 'SELECT 1')
    expect(both).toMatchObject({ code: 2, stdout: '' })
    const missing = await sql('--file', `${file}x`)
    expect(missing).toMatchObject({ code: 2, stdout: '' })
    expect(missing.stderr).toContain('question.sqlx')
  })

  it('from what is piped in', async () => {
    const result = await runCliWithInput('SELECT 1 AS one', 'sql', '--db', db)
    expect(result).toEqual({ code: 0, stdout: 'one\n  1\n', stderr: '' })
    for (const args of [['-'], ['--file', '-']]) {
      const asked = await runCliWithInput('SELECT 1 AS one', 'sql', '--db', db, ...args)
      expect(asked).toEqual({ code: 0, stdout: 'one\n  1\n', stderr: '' })
    }
    expect(await runCliWithInput('', 'sql', '--db', db)).toMatchObject({ code: 2, stdout: '' })
  })

  it('by a word for what is often asked', async () => {
    expect((await sql('.tables')).stdout).toMatch(/^name\ncausality\nevent_search\n/)
    expect((await sql('.schema')).stdout).toMatch(/^events +turn_number$/m)
  })
})

describe('turnlog sql refuses', () => {
  it('what would write or open another file, as SQLite understands it', async () => {
    const made = join(directory, 'made.db')
    for (const query of ['DELETE FROM event', `VACUUM INTO '${made}'`, `ATTACH '${made}' AS x`]) {
      const { code, stdout, stderr } = await sql(query)
      expect({ query, code, stdout }).toEqual({ query, code: 2, stdout: '' })
      expect(stderr).toMatch(/^turnlog: run the query: it [^\n]+\n {2}[^\n]+\n$/)
    }
    expect(existsSync(made)).toBe(false)
  })

  it('what is wrong, and says where and what may have been meant', async () => {
    const wrong = await sql('--json', 'SELECT *\nFORM events')
    expect(wrong).toEqual({
      code: 2,
      stdout: '',
      stderr: 'turnlog: run the query at line 2, column 1: near "FORM": syntax error\n',
    })
    const unknown = await sql('SELECT agentid FROM events')
    expect(unknown).toMatchObject({ code: 2, stdout: '' })
    expect(unknown.stderr).toMatch(/no such column: agentid\n {2}did you mean agent_id\?\n$/)
    // Only its third row is wrong: the query has begun, what it gave has not.
    const late = await sql('--json', "SELECT json(column1) FROM (VALUES ('1'), ('2'), ('x'))")
    expect(late).toMatchObject({ code: 2, stdout: '' })
    expect(late.stderr).toContain('malformed JSON')
  })

  it.each([
    [['--limit', '-1'], '--limit'],
    [['--timeout', '0'], '--timeout'],
    [['--memory', '1'], '--memory'],
    [['--csv', '--json'], '--csv'],
  ])('%j', async (flags, named) => {
    const { code, stdout, stderr } = await sql(...flags, 'SELECT 1')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(named)
  })

  it('what is no sidecar of this turnlog, and says what to do', async () => {
    const place = temporaryDirectory()
    const ask = (file: string): Promise<CommandResult> =>
      runCli('sql', '--db', join(place, file), 'SELECT 1')
    expect((await ask('none.db')).stderr).toMatch(/does not exist\n {2}run `turnlog index`/)
    expect(existsSync(join(place, 'none.db'))).toBe(false)
    writeFileSync(join(place, 'text.db'), 'no database at all '.repeat(100))
    expect((await ask('text.db')).stderr).toMatch(/file is not a database\n {2}.*turnlog reindex/)
    new Database(join(place, 'other.db')).exec('CREATE TABLE a (b)').close()
    expect((await ask('other.db')).stderr).toContain('it is not a turnlog sidecar')
    for (const [version, age, remedy] of [
      [1, 'an older', 'turnlog index'],
      [99, 'a newer', 'turnlog reindex'],
    ] as const) {
      writeFileSync(join(place, 'aged.db'), readFileSync(db))
      const connection = new Database(join(place, 'aged.db'))
      connection.pragma(`user_version = ${version}`)
      connection.close()
      const { code, stderr } = await ask('aged.db')
      expect(code).toBe(1)
      expect(stderr).toContain(`${age} turnlog wrote it`)
      expect(stderr).toContain(remedy)
    }
  })
})

describe('turnlog sql answers', () => {
  it('what PRAGMAs and EXPLAIN tell', async () => {
    expect((await sql('PRAGMA quick_check')).stdout).toBe('quick_check\nok\n')
    expect((await sql('PRAGMA table_info(events)')).stdout).toMatch(/ simulation_id /)
    expect((await sql('EXPLAIN QUERY PLAN SELECT * FROM rejects')).code).toBe(0)
    expect((await sql('VALUES (1, 2)')).code).toBe(0)
  })
})
