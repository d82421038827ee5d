import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { runCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGE = readFileSync(join(ROOT, 'docs/sql-tools.md'), 'utf8')

describe('docs/sql-tools.md', () => {
  it('hands events to DuckDB, which counts as SQLite does', async () => {
    const directory = temporaryDirectory()
    const db = join(directory, 'index.db')
    await indexRoot({ root: join(ROOT, 'test/fixtures/village'), db, search: false })
    const [, flags = '', query = ''] =
      /^turnlog sql (--ndjson .*?) "(.*)" > events/m.exec(PAGE) ?? []
    const { code, stdout } = await runCli('sql', '--db', db, ...flags.split(' '), query)
    expect(code).toBe(0)
    const file = join(directory, 'events.ndjson')
    writeFileSync(file, stdout)

    const [, question = ''] = /^duckdb -c "(.*)"$/m.exec(PAGE) ?? []
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const answer = await connection.runAndReadAll(question.replace('events.ndjson', file))
    const sidecar = new Database(db, { readonly: true })
    const expected = sidecar
      .prepare<[], { event_type: string; events: number }>(
        'SELECT event_type, count(*) AS events FROM events GROUP BY event_type ORDER BY event_type',
      )
      .all()
    sidecar.close()
    connection.closeSync()
    const counted = answer.getRowObjects().map((row) => ({ ...row, events: Number(row['events']) }))
    expect(counted).toEqual(expected)
  })

  it('says what a reader sees that does not look into the log', async () => {
    const db = join(temporaryDirectory(), 'index.db')
    await indexRoot({ root: join(ROOT, 'test/fixtures/village'), db, search: false })
    const writer = new Database(db)
    writer.exec("UPDATE simulation SET name = 'renamed' WHERE id = 1")
    const read = (path: string): unknown[] => {
      const reader = new Database(path, { readonly: true })
      const names = reader.prepare('SELECT simulation_id FROM simulations').pluck().all()
      reader.close()
      return names
    }
    expect(read(db)).toContain('renamed')
    // A copy of the file alone is what `immutable=1` reads.
    const copy = join(temporaryDirectory(), 'copy.db')
    writeFileSync(copy, readFileSync(db))
    expect(read(copy)).not.toContain('renamed')
    writer.close()
  })
})
