import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SCHEMA_VERSION } from '#src/sidecar/migrate.js'
import {
  APPLICATION_ID,
  openSidecarForReading,
  openSidecarForWriting,
  readingError,
} from '#src/sidecar/open-sidecar.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { runUnprivileged } from '../support/unprivileged.js'

function sidecarPath(): string {
  return join(temporaryDirectory(), '.turnlog', 'index.db')
}

/** A sidecar nobody has open. */
async function emptySidecar(): Promise<string> {
  const path = sidecarPath()
  ;(await openSidecarForWriting(path)).close()
  return path
}

/** Changes a SQLite file as another program, or another turnlog, would. */
function alter(path: string, sql: string): void {
  const connection = new Database(path)
  connection.exec(sql)
  connection.close()
}

/** A file some other program made. */
function foreignFile(content: string | { readonly sql: string }): string {
  const path = join(temporaryDirectory(), 'index.db')
  if (typeof content === 'string') writeFileSync(path, content)
  else alter(path, content.sql)
  return path
}

const FOREIGN: [string, string | { readonly sql: string }][] = [
  ['holds a text', 'this is no database, but long enough to be one'.repeat(100)],
  ['begins like a database', 'SQLite format 3\0 and then nothing of the kind'.repeat(100)],
  ["is another program's database", { sql: 'CREATE TABLE recipe (name TEXT)' }],
  ['another program has marked, but not filled', { sql: 'PRAGMA application_id = 42' }],
  ['another program has numbered, but not filled', { sql: 'PRAGMA user_version = 9' }],
]

describe('openSidecarForWriting', () => {
  it('makes the sidecar and its directory, and marks it as one', async () => {
    const path = sidecarPath()
    const connection = await openSidecarForWriting(path)
    expect(connection.pragma('application_id', { simple: true })).toBe(APPLICATION_ID)
    expect(connection.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
    expect(connection.pragma('journal_mode', { simple: true })).toBe('wal')
    connection.close()
    expect(readFileSync(path).subarray(68, 72).toString()).toBe('turn')
  })

  it('waits for no disk when it writes in bulk, but can roll back', async () => {
    const connection = await openSidecarForWriting(sidecarPath(), 'bulk')
    expect(connection.pragma('journal_mode', { simple: true })).toBe('memory')
    expect(connection.pragma('synchronous', { simple: true })).toBe(0)
    connection.exec("BEGIN; INSERT INTO agent (name) VALUES ('anna'); ROLLBACK")
    expect(connection.prepare('SELECT count(*) FROM agent').pluck().get()).toBe(0)
    expect(connection.pragma('quick_check', { simple: true })).toBe('ok')
    connection.close()
  })

  it('opens an existing sidecar as it is', async () => {
    const path = await emptySidecar()
    alter(path, "INSERT INTO agent (name) VALUES ('anna')")
    const connection = await openSidecarForWriting(path)
    expect(connection.prepare('SELECT name FROM agent').pluck().all()).toEqual(['anna'])
    connection.close()
  })

  it('fills an empty file', async () => {
    const path = foreignFile('')
    ;(await openSidecarForWriting(path)).close()
    openSidecarForReading(path).close()
  })

  it.each(FOREIGN)('never writes to a file that %s', async (_, content) => {
    const path = foreignFile(content)
    const before = readFileSync(path)
    await expect(openSidecarForWriting(path)).rejects.toMatchObject({ code: 'SIDECAR_UNREADABLE' })
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(existsSync(`${path}-wal`)).toBe(false)
  })

  it('leaves a sidecar alone that a newer turnlog wrote', async () => {
    const path = await emptySidecar()
    alter(path, `PRAGMA user_version = ${SCHEMA_VERSION + 1}`)
    const before = readFileSync(path)
    await expect(openSidecarForWriting(path)).rejects.toMatchObject({
      code: 'SIDECAR_SCHEMA_MISMATCH',
      message: expect.stringContaining('a newer turnlog wrote it') as string,
    })
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('brings an older sidecar to this schema', async () => {
    const path = await emptySidecar()
    alter(path, 'PRAGMA user_version = 0')
    ;(await openSidecarForWriting(path)).close()
    openSidecarForReading(path).close()
  })

  it('ends the same when killed while it makes the sidecar', async () => {
    const script = `
      const { openSidecarForWriting } = await import('#src/sidecar/open-sidecar.js')
      await openSidecarForWriting(process.argv[1])
      setInterval(() => {}, 1000)`
    for (const [suffix, grown] of [
      ['', 1],
      ['-wal', 1],
      ['-wal', 40_000],
    ] as const) {
      const path = sidecarPath()
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script, path])
      while (sizeOf(`${path}${suffix}`) < grown) await setImmediate()
      child.kill('SIGKILL')
      await once(child, 'exit')
      ;(await openSidecarForWriting(path)).close()
      openSidecarForReading(path).close()
    }
  })

  it('refuses a path below a file', async () => {
    const path = join(foreignFile('a file'), 'index.db')
    await expect(openSidecarForWriting(path)).rejects.toMatchObject({ code: 'SIDECAR_UNWRITABLE' })
  })

  it('refuses a directory in place of the file', async () => {
    const path = temporaryDirectory()
    await expect(openSidecarForWriting(path)).rejects.toMatchObject({ code: 'SIDECAR_UNWRITABLE' })
  })

  it.each([
    ['a directory that cannot be written', 0o555, 0o666],
    ['a file that cannot be written', 0o777, 0o444],
  ])('refuses %s', async (_, directoryMode, fileMode) => {
    const path = await emptySidecar()
    const directory = join(path, '..')
    chmodSync(join(directory, '..'), 0o755)
    chmodSync(path, fileMode)
    chmodSync(directory, directoryMode)
    onTestFinished(() => {
      chmodSync(directory, 0o755)
    })
    const answer = runUnprivileged(
      { sidecar: '#src/sidecar/open-sidecar.js' },
      `await sidecar.openSidecarForWriting(argument).then(
        () => process.stdout.write('opened'),
        (error) => process.stdout.write(error.code),
      )`,
      path,
    )
    expect(answer).toBe('SIDECAR_UNWRITABLE')
  })
})

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

describe('openSidecarForReading', () => {
  it('reads, and cannot write', async () => {
    const connection = openSidecarForReading(await emptySidecar())
    expect(connection.prepare('SELECT count(*) FROM events').pluck().get()).toBe(0)
    expect(() => connection.exec("INSERT INTO agent (name) VALUES ('anna')")).toThrow(/readonly/)
    connection.close()
  })

  it.each(['missing.db', 'missing/index.db'])('does not make a file: %s', (name) => {
    const directory = temporaryDirectory()
    expect(codeOf(join(directory, name))).toBe('SIDECAR_NOT_FOUND')
    expect(existsSync(join(directory, name))).toBe(false)
  })

  it('finds nothing below a file', () => {
    expect(codeOf(join(foreignFile('a file'), 'index.db'))).toBe('SIDECAR_NOT_FOUND')
  })

  it.each([...FOREIGN, ['is empty', '']])('refuses a file that %s', (_, content) => {
    expect(codeOf(foreignFile(content))).toBe('SIDECAR_UNREADABLE')
  })

  it('refuses a directory', () => {
    expect(codeOf(temporaryDirectory())).toBe('SIDECAR_UNREADABLE')
  })

  it.each([
    [SCHEMA_VERSION + 1, 'a newer', 'run `turnlog reindex`'],
    [SCHEMA_VERSION - 1, 'an older', 'run `turnlog index`'],
  ])('refuses the schema %d, which %s turnlog wrote', async (version, age, remedy) => {
    const path = await emptySidecar()
    alter(path, `PRAGMA user_version = ${version}`)
    expect(() => openSidecarForReading(path)).toThrow(
      expect.objectContaining({
        code: 'SIDECAR_SCHEMA_MISMATCH',
        message: expect.stringContaining(`${age} turnlog wrote it`) as string,
        hint: expect.stringContaining(remedy) as string,
      }),
    )
  })

  it('refuses a file whose directory hides it', async () => {
    const path = await emptySidecar()
    mkdirSync(join(path, '..', 'x'))
    chmodSync(join(path, '..', '..'), 0o755)
    chmodSync(join(path, '..'), 0)
    onTestFinished(() => {
      chmodSync(join(path, '..'), 0o755)
    })
    const answer = runUnprivileged(
      { sidecar: '#src/sidecar/open-sidecar.js' },
      `try {
        sidecar.openSidecarForReading(argument)
      } catch ({ code }) {
        process.stdout.write(code)
      }`,
      path,
    )
    expect(answer).toBe('SIDECAR_UNREADABLE')
  })

  it('fails the query, not the process, when the file is cut short under it', async () => {
    const path = await emptySidecar()
    const words = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)'
    alter(path, `${words} INSERT INTO agent (name) SELECT 'agent number ' || i FROM n`)
    const connection = openSidecarForReading(path)
    connection.exec('BEGIN')
    const total = connection.prepare('SELECT sum(length(name)) FROM agent WHERE id > ?').pluck()
    expect(total.get(19_999)).toBeGreaterThan(0)
    truncateSync(path, 8192)
    expect(() => total.get(0)).toThrow(Database.SqliteError)
    connection.close()
  })
})

function codeOf(path: string): unknown {
  try {
    openSidecarForReading(path).close()
    return 'opened'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}

describe('readingError', () => {
  const said = (code: string): unknown =>
    readingError('x.db', new Database.SqliteError('no such table: event', code))

  it('never takes a sidecar that is only read for one that cannot be written', () => {
    for (const code of [
      'SQLITE_ERROR',
      'SQLITE_CORRUPT_VTAB',
      'SQLITE_FULL',
      'SQLITE_IOERR_READ',
    ]) {
      expect(said(code)).toMatchObject({ code: 'SIDECAR_UNREADABLE' })
    }
    expect(said('SQLITE_ERROR')).toMatchObject({
      message: 'read the sidecar x.db: no such table: event',
      hint: expect.stringContaining('turnlog reindex') as string,
    })
  })

  it('says of temporary files without room where they may be', () => {
    expect(said('SQLITE_FULL')).toMatchObject({
      hint: expect.stringContaining('SQLITE_TMPDIR') as string,
    })
  })

  it('leaves every other error as it is', () => {
    const error = new TypeError('not of SQLite')
    expect(readingError('x.db', error)).toBe(error)
  })
})
