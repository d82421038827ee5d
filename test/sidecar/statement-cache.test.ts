import Database from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { StatementCache } from '#src/sidecar/statement-cache.js'

function cacheOfNothing(): StatementCache {
  const cache = new StatementCache(new Database(':memory:'))
  onTestFinished(() => {
    cache.close()
  })
  return cache
}

it('prepares a text once', () => {
  const cache = cacheOfNothing()
  const statement = cache.prepare('SELECT 1 AS one')
  expect(cache.prepare('SELECT 1 AS one')).toBe(statement)
  expect(statement.all([])).toEqual([{ one: 1 }])
})

it('lets go of the statement used longest ago, and of no other, when there are too many', () => {
  const cache = cacheOfNothing()
  const used = cache.prepare('SELECT 0')
  const unused = cache.prepare('SELECT 1')
  for (let n = 2; n < 200; n++) cache.prepare(`SELECT ${n}`)
  cache.prepare('SELECT 0')
  cache.prepare('SELECT 200')
  expect(cache.prepare('SELECT 0')).toBe(used)
  expect(cache.prepare('SELECT 1')).not.toBe(unused)
})

it('gives the rows that better-sqlite3 does', () => {
  const connection = new Database(':memory:')
  connection.exec("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, NULL), (2.5, x'00ff')")
  const cache = new StatementCache(connection)
  onTestFinished(() => {
    cache.close()
  })
  for (const sql of [
    'SELECT a, b, a AS "a b", \'ü\' AS text FROM t WHERE a < ?',
    'SELECT 1 AS same, 2 AS same FROM t WHERE a < ?',
    'SELECT a FROM t WHERE a > ?',
  ]) {
    const expected = connection.prepare<[number]>(sql).all(3)
    const statement = cache.prepare(sql)
    expect(statement.reader).toBe(true)
    expect(statement.all([3])).toEqual(expected)
    expect([...statement.iterate([3])]).toEqual(expected)
  }
})

it('runs what gives no rows', () => {
  const cache = cacheOfNothing()
  expect(cache.prepare('CREATE TABLE t (a)').reader).toBe(false)
  cache.prepare('CREATE TABLE t (a)').run([])
  expect(cache.prepare('INSERT INTO t VALUES (?)').run([7])).toMatchObject({ changes: 1 })
  expect(cache.prepare('SELECT a FROM t').all([])).toEqual([{ a: 7 }])
})
