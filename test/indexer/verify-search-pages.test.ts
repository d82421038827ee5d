import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { SearchIndex } from '#indexer/search-index.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { findLostWords } from '#indexer/verify-search-pages.js'
import { openSidecarForWriting } from '#src/sidecar/open-sidecar.js'
import { eventLine } from '../support/event-lines.js'
import { type TamperedSidecar, tamperedSidecar } from '../support/tampered-sidecar.js'
import { TestRoot } from '../support/test-root.js'

let sidecar: TamperedSidecar

beforeAll(async () => {
  sidecar = await tamperedSidecar()
})

function problemsOf(sql: string): string[] {
  return sidecar.verify(sql).differences.map(({ problem }) => problem)
}

const LOST = expect.stringMatching(
  /^the full-text index has words from ".+" on that no search gets to$/,
) as string
const SECOND = '(SELECT min(term) FROM event_search_idx WHERE length(term) > 0)'

describe('verifyRoot, of the way to words in the full-text index', () => {
  it('finds that there is none', () => {
    const before = new Database(sidecar.db, { readonly: true })
    const pages = before.prepare('SELECT count(*) FROM event_search_idx').pluck().get()
    before.close()
    expect(pages).toBeGreaterThan(2)
    const problems = problemsOf('DELETE FROM event_search_idx')
    expect(problems).toEqual(Array.from({ length: Number(pages) }, () => LOST))
  })

  it.each([
    [
      'is the last and missing',
      'DELETE FROM event_search_idx WHERE term = (SELECT max(term) FROM event_search_idx)',
    ],
    ['begins too early', `UPDATE event_search_idx SET term = x'30' WHERE term = ${SECOND}`],
  ])('finds a signpost that %s', (_what, sql) => {
    expect(problemsOf(sql)).toContainEqual(LOST)
  })

  it('finds a signpost into no segment', () => {
    expect(problemsOf("INSERT INTO event_search_idx VALUES (7, CAST('0zzzz' AS BLOB), 2)")).toEqual(
      ['the full-text index leads words from "zzzz" on to where none are'],
    )
  })

  it('finds signposts that cannot be read', () => {
    expect(problemsOf("INSERT INTO event_search_idx VALUES ('x', 'y', 'z')")).toEqual([
      'the full-text index leads nowhere in 1 of its signposts',
    ])
  })

  it('finds words that are there though none is said to be', () => {
    const { differences } = sidecar.verify(
      'UPDATE search_progress SET last_row = 0, events = 0; DELETE FROM event_search_idx',
    )
    expect(differences[0]).toEqual({
      problem: 'the full-text index says something else than the events',
    })
  })

  it('finds every way right between any two steps of merging', async () => {
    const test = new TestRoot()
    // Hardly a word that is there twice, so that segments have many pages.
    const lines = Array.from({ length: 1500 }, (_, at) =>
      eventLine(`event-${at}`, {
        description: Array.from({ length: 40 }, (_, word) => (at * 40 + word) * 7919).join(' '),
      }),
    )
    test.write('events.jsonl', ...lines)
    await test.index()
    const connection = await openSidecarForWriting(test.db)
    const index = new SearchIndex(connection)
    let halfMerged = 0
    while (index.step(16_384) > 0) {
      expect([...findLostWords(connection)]).toEqual([])
      if (firstPages(connection).some((page) => page > 1)) halfMerged++
    }
    connection.close()
    expect(halfMerged).toBeGreaterThan(10)
    expect(verifyRoot(test).differences).toEqual([])
  })
})

/** Of each segment of the full-text index, its first page: not 1 when those before were merged away. */
function firstPages(connection: Database.Database): number[] {
  return connection
    .prepare<[], number>(
      `SELECT min(id & ((1 << 31) - 1)) FROM event_search_data
      WHERE id >> 37 > 0 AND (id >> 31) & 63 = 0 GROUP BY id >> 37`,
    )
    .pluck()
    .all()
}
