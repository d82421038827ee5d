import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const directory = mkdtempSync(join(tmpdir(), 'turnlog-test-'))
const root = join(directory, 'root')
const good = join(directory, 'good.db')

beforeAll(async () => {
  mkdirSync(join(root, 'run'), { recursive: true })
  const lines = ['grain is dear', 'iron "is"\ncheap', 'nothing'].map((description, second) =>
    eventLine(`event-${second}`, { description, second }),
  )
  writeFileSync(join(root, 'run', 'events.jsonl'), segmentText(...lines))
  await indexRoot({ root, db: good, search: true })
  return () => {
    rmSync(directory, { recursive: true })
  }
})

/** The problems of a copy of the good sidecar in which something was changed. */
function problemsOf(sql: string): string[] {
  const db = join(temporaryDirectory(), 'tampered.db')
  copyFileSync(good, db)
  const connection = new Database(db).unsafeMode()
  connection.exec(sql)
  expect(connection.prepare('SELECT total_changes()').pluck().get()).toBeGreaterThan(0)
  connection.close()
  return verifyRoot({ root, db }).differences.map(({ problem }) => problem)
}

const OTHERWISE = 'the full-text index says something else than the events'

describe('verifyRoot, of the full-text index', () => {
  it('finds one equal that has all events, some or none', async () => {
    expect(verifyRoot({ root, db: good }).differences).toEqual([])
    expect(
      problemsOf(`
        INSERT INTO event_search (event_search, rowid, description, details)
          SELECT 'delete', id, description, details FROM event_text WHERE id = 3;
        UPDATE search_progress SET last_row = 2, events = 2`),
    ).toEqual([])
    expect(
      problemsOf(`
        INSERT INTO event_search (event_search) VALUES ('delete-all');
        UPDATE search_progress SET last_row = 0, events = 0`),
    ).toEqual([])
    const db = join(temporaryDirectory(), 'index.db')
    await indexRoot({ root, db })
    expect(verifyRoot({ root, db }).differences).toEqual([])
  })

  it.each([
    [
      'a word too many',
      "INSERT INTO event_search (rowid, description) VALUES (1, 'bread')",
      [OTHERWISE, 'the full-text index has the word bread of event event-0 that does not say it'],
    ],
    [
      'an event that is missing',
      `INSERT INTO event_search (event_search, rowid, description, details)
        SELECT 'delete', id, description, details FROM event_text WHERE id = 2`,
      [OTHERWISE, 'the full-text index lacks the word cheap of event event-1'],
    ],
    [
      'an event behind its end',
      'UPDATE search_progress SET last_row = 2, events = 2',
      [OTHERWISE, 'the full-text index has the word nothing of event event-2 that does not say it'],
    ],
    [
      'no word at all',
      "INSERT INTO event_search (event_search) VALUES ('delete-all')",
      [
        OTHERWISE,
        'the full-text index lacks the word dear of event event-0',
        'the full-text index lacks the word cheap of event event-1',
        'the full-text index lacks the word nothing of event event-2',
      ],
    ],
    [
      'another count of events',
      'UPDATE search_progress SET events = 2',
      ['2 events are counted as searchable, but there are 3'],
    ],
    [
      'an end behind the last event',
      'UPDATE search_progress SET last_row = 9',
      ['the full-text index is said to reach up to row 9, but the last is 3'],
    ],
    ['no end', 'DELETE FROM search_progress', ['how far the full-text index is, is kept 0 times']],
    [
      'two ends',
      'INSERT INTO search_progress SELECT * FROM search_progress',
      ['how far the full-text index is, is kept 2 times'],
    ],
  ])('finds %s', (_what, sql, problems) => {
    expect(problemsOf(sql)).toEqual(problems)
  })

  it('finds a damaged one', () => {
    const [problem, ...others] = problemsOf(
      "UPDATE event_search_data SET block = x'00' WHERE id > 10",
    )
    expect(problem).toMatch(/^the sidecar is damaged: .*event_search/)
    expect(others).toEqual([])
  })
})
