import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { eventLine } from '../support/event-lines.js'
import { TestRoot } from '../support/test-root.js'

/** What is put into each column, in the first row of its table. */
const VALUES = ['NULL', '-7', '1234567', "'zzz'", "''", "x'00ff'"]

/** Columns that may say something else and the sidecar still be right, and why. */
const HARMLESS: Readonly<Record<string, string>> = {
  'kysely_migration.timestamp': 'nobody asks when a migration was applied',
  'reject.id': 'rejects are listed in the order they were read in, which no file tells',
  'segment.device': 'a root that was copied or mounted elsewhere has another',
  'segment.inode': 'likewise',
  'segment.modified_ms': 'likewise; the indexer looks at such a file again',
}

interface Column {
  readonly table: string
  readonly name: string
  /** Its place in the primary key, from 1; 0 where it is not part of it. */
  readonly key: number
}

async function indexedRoot(): Promise<TestRoot> {
  const test = new TestRoot()
  const details = '{"action_type":"meet","participating_agent_ids":["anna","bert"]}'
  test.write(
    'events.jsonl',
    eventLine('a', { second: 5, agent: 'anna', description: 'grain is dear' }),
    eventLine('b', { second: 6, causes: ['a', 'never'], type: 'ACTION', agent: 'bert' }).replace(
      /}$/,
      `,"details":${details}}`,
    ),
    eventLine('c', { second: 1, causes: ['b'] }).replace('{', '{ '),
    'junk',
    eventLine('a', { second: 5, agent: 'anna', description: 'grain is dear' }),
  )
  await indexRoot({ root: test.root, db: test.db, search: true })
  return test
}

function columnsOf(db: string): Column[] {
  const connection = new Database(db, { readonly: true })
  const columns = connection
    .prepare<[], Column>(
      `SELECT info.name AS name, object.name AS "table", info.pk AS "key"
      FROM pragma_table_list AS object JOIN pragma_table_info(object.name) AS info
      WHERE object.schema = 'main' AND object.type IN ('table', 'shadow')
        AND object.name <> 'sqlite_schema'`,
    )
    .all()
  connection.close()
  return columns
}

/** @returns whether SQLite took the value, and it is another than before */
function tamper(db: string, { table, name }: Column, keys: string, value: string): boolean {
  const connection = new Database(db).unsafeMode()
  try {
    const { changes } = connection
      .prepare(
        `UPDATE ${table} SET ${name} = ${value}
        WHERE (${keys}) = (SELECT ${keys} FROM ${table} ORDER BY ${keys} LIMIT 1)
          AND quote(${name}) <> quote(${value})`,
      )
      .run()
    return changes > 0
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_')) return false
    throw error
  } finally {
    connection.close()
  }
}

describe('verifyRoot', () => {
  it('finds whatever value is another, but for those that may be, and never fails', async () => {
    const { root, db, directory } = await indexedRoot()
    const columns = columnsOf(db)
    const unnoticed = new Set<string>()
    let taken = 0
    for (const column of columns) {
      const key = columns.filter(({ table, key }) => table === column.table && key > 0)
      const keys = key.length === 0 ? 'rowid' : key.map(({ name }) => name).join(', ')
      for (const value of VALUES) {
        const copy = join(directory, 'copy.db')
        for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true })
        copyFileSync(db, copy)
        if (!tamper(copy, column, keys, value)) continue
        taken++
        const what = `${column.table}.${column.name} = ${value}`
        try {
          if (verifyRoot({ root, db: copy }).equal) unnoticed.add(`${column.table}.${column.name}`)
        } catch (error) {
          unnoticed.add(`${what}: ${String(error)}`)
        }
      }
    }
    expect(taken).toBeGreaterThan(300)
    expect([...unnoticed].sort()).toEqual(Object.keys(HARMLESS).sort())
  })
})
