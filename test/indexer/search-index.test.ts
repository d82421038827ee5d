import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { RootIndexer } from '#indexer/root-indexer.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { dumpSearchIndex, searchFor } from '../support/search-dump.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** A root, its sidecar, and who brings it up. */
class SearchedRoot {
  readonly #directory = temporaryDirectory()
  readonly root = join(this.#directory, 'root')
  readonly db = join(this.#directory, 'index.db')
  readonly indexer = new RootIndexer({ root: this.root, db: this.db })

  constructor() {
    mkdirSync(this.root)
    onTestFinished(() => {
      this.indexer.close()
    })
  }

  /** Writes the descriptions of a run's events, whose ids are numbered, and reads them. */
  async record(run: string, ...descriptions: string[]): Promise<void> {
    const lines = descriptions.map((description, index) =>
      eventLine(`${run}-${index}`, { description, second: index }),
    )
    mkdirSync(join(this.root, run), { recursive: true })
    writeFileSync(join(this.root, run, 'events.jsonl'), segmentText(...lines))
    await this.indexer.pass()
  }

  async remove(run: string): Promise<void> {
    rmSync(join(this.root, run), { recursive: true })
    await this.indexer.pass()
  }

  /** Makes everything searchable. */
  async searchAll(): Promise<void> {
    while ((await this.indexer.searchStep(1_000)) > 0);
  }

  async search(query: string): Promise<string[]> {
    return searchFor(await this.indexer.connection(), query)
  }

  expectTrue(): void {
    expect(verifyRoot(this).differences).toEqual([])
  }
}

describe('the full-text index', () => {
  it('takes the oldest events first, as many as fit, but one at least', async () => {
    const searched = new SearchedRoot()
    await searched.record('run', 'one', 'two', 'three', 'four')
    const { indexer } = searched
    expect(await indexer.searchLag()).toBe(4)
    expect(await indexer.searchStep(1)).toBe(1)
    expect(await searched.search('one OR two OR three OR four')).toEqual(['run-0'])
    const length = eventLine('run-1', { description: 'two', second: 1 }).length
    expect(await indexer.searchStep(2 * length + 2)).toBe(2)
    expect(await indexer.searchLag()).toBe(1)
    searched.expectTrue()
    expect(await indexer.searchStep(1_000)).toBe(1)
    expect(await indexer.searchStep(1_000)).toBe(0)
    expect(await searched.search('four')).toEqual(['run-3'])
    expect(await indexer.searchLag()).toBe(0)
    searched.expectTrue()
  })

  it('has words of descriptions, of keys and of values', async () => {
    const searched = new SearchedRoot()
    const line = (id: string, rest: object): string =>
      JSON.stringify({ ...(JSON.parse(eventLine(id)) as object), ...rest })
    mkdirSync(join(searched.root, 'run'))
    writeFileSync(
      join(searched.root, 'run', 'events.jsonl'),
      segmentText(
        line('plain', { details: { variable_name: 'interest_rate', new_value: 0.25 } }),
        line('escaped', { details: { variable_name: 'x', note: 'the "rate"\nof Ärger\0now' } }),
        line('odd', { details: ['grain', { Price: null }], description: 'Interest\0rate' }),
      ),
    )
    await searched.indexer.pass()
    await searched.searchAll()
    expect(await searched.search('"interest rate"')).toEqual(['odd', 'plain'])
    expect(await searched.search('new_value')).toEqual(['plain'])
    expect(await searched.search('"0.25"')).toEqual(['plain'])
    expect(await searched.search('"of arger now"')).toEqual(['escaped'])
    expect(await searched.search('price')).toEqual(['odd'])
    expect(await searched.search('description : interest')).toEqual(['odd'])
    expect(await searched.search('variable_name')).toEqual(['escaped', 'plain'])
    expect(await searched.search('nof OR null')).toEqual(['odd'])
    searched.expectTrue()
  })

  it('forgets a run that is gone, and takes what gets its row ids', async () => {
    const searched = new SearchedRoot()
    await searched.record('first', 'grain')
    await searched.record('second', 'grain', 'grain', 'grain')
    await searched.searchAll()
    await searched.remove('second')
    expect(await searched.search('grain')).toEqual(['first-0'])
    expect(await searched.indexer.searchLag()).toBe(0)
    searched.expectTrue()
    await searched.record('third', 'iron', 'grain')
    expect(await searched.indexer.searchLag()).toBe(2)
    searched.expectTrue()
    await searched.searchAll()
    expect(await searched.search('iron')).toEqual(['third-0'])
    expect(await searched.search('grain')).toEqual(['first-0', 'third-1'])
    await searched.remove('first')
    expect(await searched.search('grain')).toEqual(['third-1'])
    searched.expectTrue()
    await searched.remove('third')
    const connection = await searched.indexer.connection()
    expect(dumpSearchIndex(connection)).toEqual([])
    expect(connection.prepare('SELECT * FROM search_progress').get()).toEqual({
      last_row: 0,
      events: 0,
    })
    searched.expectTrue()
  })

  it('forgets only what it has of a run', async () => {
    const searched = new SearchedRoot()
    await searched.record('run', 'one', 'two', 'three')
    await searched.record('other', 'one')
    await searched.indexer.searchStep(1)
    await searched.remove('run')
    expect(await searched.search('one')).toEqual([])
    expect(await searched.indexer.searchLag()).toBe(1)
    searched.expectTrue()
    await searched.searchAll()
    expect(await searched.search('one')).toEqual(['other-0'])
    searched.expectTrue()
  })

  it('follows a run that is read again', async () => {
    const searched = new SearchedRoot()
    await searched.record('run', 'one', 'two', 'three')
    await searched.record('other', 'three')
    await searched.searchAll()
    await searched.record('run', 'four')
    expect(await searched.search('one OR two OR three')).toEqual(['other-0'])
    expect(await searched.indexer.searchLag()).toBe(1)
    await searched.searchAll()
    expect(await searched.search('four')).toEqual(['run-0'])
    searched.expectTrue()
  })

  it('reads the rows it is about alone, by their ids, and sorts no texts', async () => {
    const searched = new SearchedRoot()
    const connection = await searched.indexer.connection()
    const prepare = vi.spyOn(connection, 'prepare')
    await searched.record('run', 'one', 'two')
    await searched.searchAll()
    await searched.remove('run')
    const plans = prepare.mock.calls
      .map(([sql]) => sql)
      .filter((sql) => sql.includes('event_text') || sql.includes('FROM event WHERE id > ?'))
      .map((sql) => ({ sql, plan: planOf(connection, sql) }))
    const kinds = {
      insert: /^INSERT INTO event_search \(rowid/,
      takeOut: /'delete'/,
      next: /^SELECT/,
    }
    for (const [kind, pattern] of Object.entries(kinds)) {
      const found = plans.filter(({ sql }) => pattern.test(sql))
      expect(found.length, kind).toBeGreaterThan(0)
      for (const { plan } of found) {
        expect(
          plan.filter((step) =>
            /^SCAN (?!gone|search_progress|CONSTANT ROW|\(subquery)/.test(step),
          ),
        ).toEqual([])
        const ofEvents = plan.filter((step) => step.startsWith('SEARCH event '))
        expect(ofEvents.at(-1)).toMatch(/USING INTEGER PRIMARY KEY \(rowid[=>]/)
        // Of a run that is taken out, ids are sorted before any text is read.
        const sorted = plan.findIndex((step) => step.includes('TEMP B-TREE'))
        expect(sorted).toBe(kind === 'takeOut' ? plan.indexOf('SCAN gone') - 1 : -1)
      }
    }
  })
})

function planOf(connection: Database.Database, sql: string): string[] {
  return connection
    .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll('?', '1')}`)
    .all()
    .map(({ detail }) => detail)
}
