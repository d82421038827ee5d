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
  expect(statement.all()).toEqual([{ one: 1 }])
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
