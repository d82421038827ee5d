import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, Migrator, SqliteDialect } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { migrations } from '#migrations/index.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { RECORDED_EVENT_TYPES } from '#src/event/event-type.js'
import { APPLICATION_ID } from '#src/sidecar/open-sidecar.js'
import { indexRoot } from '#indexer/index-root.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { type TamperedSidecar, tamperedSidecar } from '../support/tampered-sidecar.js'

const RUN = 'village-20261125-234720-3agents'
const REMEDY = ': `turnlog reindex` builds the sidecar anew'

let sidecar: TamperedSidecar

beforeAll(async () => {
  sidecar = await tamperedSidecar()
})

describe('verifyRoot, of how a sidecar is built', () => {
  it('finds one equal that was brought up from the first schema', async () => {
    const db = join(temporaryDirectory(), 'old.db')
    const connection = new Database(db)
    const first = Object.fromEntries(Object.entries(migrations).slice(0, 1))
    const migrator = new Migrator({
      db: new Kysely<unknown>({ dialect: new SqliteDialect({ database: connection }) }),
      provider: { getMigrations: () => Promise.resolve(first) },
    })
    expect(await migrator.migrateToLatest()).not.toHaveProperty('error')
    connection.pragma(`application_id = ${APPLICATION_ID}`)
    connection.pragma('user_version = 1')
    connection.close()
    await indexRoot({ root: sidecar.root, db, search: true })
    expect(verifyRoot({ root: sidecar.root, db }).differences).toEqual([])
  })

  it('keeps the types by the codes that turnlog reads them by', () => {
    const connection = new Database(sidecar.db, { readonly: true })
    const names = connection.prepare('SELECT name FROM event_type ORDER BY id').pluck().all()
    connection.close()
    expect(names).toEqual(RECORDED_EVENT_TYPES)
  })

  it('takes no offence at statistics, nor at room that was freed', () => {
    expect(sidecar.verify('ANALYZE; VACUUM').differences).toEqual([])
  })

  it.each([
    ['a view that is gone', 'DROP VIEW events', 'the view events is missing'],
    ['the view that is searched', 'DROP VIEW event_text', 'the view event_text is missing'],
    [
      'a view that says something else',
      'DROP VIEW rejects; CREATE VIEW rejects AS SELECT 1 AS simulation_id',
      'the view rejects is not defined as turnlog defines it',
    ],
    [
      'an index that is gone',
      'DROP INDEX event_by_simulation_turn',
      'the index event_by_simulation_turn is missing',
    ],
    [
      'the index that keeps ids apart',
      'DROP INDEX event_by_simulation_event_id',
      'the index event_by_simulation_event_id is missing',
    ],
    [
      'an index that is unique no more',
      `DROP INDEX event_by_simulation_event_id;
      CREATE INDEX event_by_simulation_event_id ON event (simulation, event_id)`,
      'the index event_by_simulation_event_id is not defined as turnlog defines it',
    ],
    [
      'a trigger',
      'CREATE TRIGGER greedy AFTER INSERT ON event BEGIN DELETE FROM edge; END',
      'the trigger greedy is none that turnlog makes',
    ],
    [
      'a table of its own',
      'CREATE TABLE notes (text)',
      'the table notes is none that turnlog makes',
    ],
    [
      'a column of its own',
      'ALTER TABLE agent ADD COLUMN age',
      'the table agent is not defined as turnlog defines it',
    ],
    ['the words that are gone', 'DROP TABLE event_word', 'the table event_word is missing'],
    [
      'a table that is gone, whose indexes go without saying',
      'DROP TABLE dangling',
      'the table dangling is missing',
    ],
    [
      'a setting of the full-text index',
      "UPDATE event_search_config SET v = 9 WHERE k = 'automerge'",
      "of the row of event_search_config whose k is 'automerge', v is kept as 9, but is 0",
    ],
    [
      'a type of another name',
      "UPDATE event_type SET name = 'THOUGHT' WHERE name = 'DECISION'",
      "of the row of event_type whose id is 2, name is kept as 'THOUGHT', but is 'DECISION'",
    ],
    [
      'a type that is gone',
      'DELETE FROM event_type WHERE id = 3',
      'the row of event_type whose id is 3 is missing',
    ],
    [
      'a type too many',
      "INSERT INTO event_type VALUES (8, 'DREAM')",
      'the row of event_type whose id is 8 is one too many',
    ],
    [
      'a migration nobody knows',
      "UPDATE kysely_migration SET name = '0002-dreams' WHERE name = '0002-search'",
      "the row of kysely_migration whose name is '0002-search' is missing",
    ],
  ])('finds %s, also where it is asked of one run', (_what, sql, problem) => {
    for (const report of [sidecar.verify(sql), sidecar.verify(sql, RUN)]) {
      expect(report).toMatchObject({ equal: false, events: 0 })
      expect(report.differences[0]).toEqual({ problem: problem + REMEDY })
    }
  })

  it('names every type where the dictionary of types is empty or mixed up', () => {
    expect(sidecar.verify('DELETE FROM event_type').difference_count).toBe(7)
    const mixedUp = `UPDATE event_type SET name = 'DECISION' || id WHERE name IN ('ACTION', 'DECISION')`
    expect(sidecar.verify(mixedUp).difference_count).toBe(2)
  })

  it('names all settings of the full-text index where they are others', () => {
    expect(sidecar.verify('UPDATE event_search_config SET v = 3').difference_count).toBe(4)
  })
})
