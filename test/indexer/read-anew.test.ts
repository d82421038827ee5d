import { rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { eventLine } from '../support/event-lines.js'
import { TestRoot } from '../support/test-root.js'

/** The number a sidecar has for a run. */
function numberOf(db: string): number {
  const sidecar = new Database(db, { readonly: true })
  const number = sidecar.prepare("SELECT id FROM simulation WHERE name = 'run'").pluck().get()
  sidecar.close()
  return Number(number)
}

describe('a run that is read anew', () => {
  it('has another number, by which readers tell that rows may be others', async () => {
    const test = new TestRoot()
    test.write('events_1.jsonl', eventLine('a'))
    test.write('events.jsonl', eventLine('b'))
    await test.index()
    const before = numberOf(test.db)
    rmSync(test.path('events_1.jsonl'))
    await test.index()
    expect(numberOf(test.db)).toBeGreaterThan(before)
    expect(test.lines()).toEqual([eventLine('b')])
  })
})
