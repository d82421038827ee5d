import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { RootIndexer } from '#indexer/root-indexer.js'
import { eventLine } from '../support/event-lines.js'
import { TestRoot } from '../support/test-root.js'

function inSidecar<T>({ db }: TestRoot, work: (connection: Database.Database) => T): T {
  const connection = new Database(db)
  try {
    return work(connection)
  } finally {
    connection.close()
  }
}

describe('an insertion that fails', () => {
  it.each([
    ['event', `NEW.event_id = 'e70'`],
    ['edge', `NEW.effect = (SELECT id FROM event WHERE event_id = 'e70')`],
  ])('into %s undoes its block and nothing before it, and is made up for', async (table, when) => {
    const test = new TestRoot()
    const lines = Array.from({ length: 100 }, (_, index) =>
      // From the block that fails on, another agent: its word is undone as well.
      eventLine(`e${index}`, {
        agent: index < 60 ? 'early' : 'late',
        causes: index === 0 ? [] : [`e${index - 1}`],
        second: Math.floor(index / 2),
      }),
    )
    const blockBytes = (lines[0]?.length ?? 0) * 35
    test.write('events.jsonl', lines[0] ?? '')
    await test.index()
    inSidecar(test, (connection) =>
      connection.exec(`CREATE TRIGGER refuse BEFORE INSERT ON ${table} WHEN ${when}
        BEGIN SELECT RAISE(ROLLBACK, 'refused'); END`),
    )
    test.write('events.jsonl', ...lines)
    const indexer = new RootIndexer({ root: test.root, db: test.db, blockBytes })
    await expect(indexer.pass()).rejects.toThrow('refused')
    const kept = inSidecar(test, (connection) => {
      connection.exec('DROP TRIGGER refuse')
      return connection.prepare('SELECT count(*) FROM event').pluck().get() as number
    })
    expect(kept).toBeGreaterThan(1)
    expect(kept).toBeLessThan(70)

    expect(await indexer.pass()).toMatchObject({ events: 100 - kept, duplicates: 0, rejects: 0 })
    indexer.close()
    expect(test.lines()).toHaveLength(100)
  })
})
