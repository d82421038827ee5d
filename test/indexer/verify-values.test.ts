import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { reindexRun } from '#indexer/reindex-run.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { runCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { type TamperedSidecar, tamperedSidecar } from '../support/tampered-sidecar.js'

const RUN = 'village-20261125-234720-3agents'
const OTHER = 'village-20261125-234721-3agents'
const REMEDY = ': `turnlog reindex` builds the sidecar anew'

let sidecar: TamperedSidecar

beforeAll(async () => {
  sidecar = await tamperedSidecar()
})

const run = (name: string): string => `(SELECT id FROM simulation WHERE name = '${name}')`
const first = (table: string): string =>
  `(SELECT min(id) FROM ${table} WHERE simulation = ${run(RUN)})`
const firstEvent = first('event')

describe('verifyRoot, of values that are stored as what they cannot be', () => {
  it.each([
    [
      'details',
      `UPDATE event SET details = CAST(details AS BLOB) WHERE id = ${firstEvent}`,
      'blob',
      'text',
    ],
    ['caused_by', `UPDATE event SET caused_by = x'00ff' WHERE id = ${firstEvent}`, 'blob', 'text'],
    ['turn', `UPDATE event SET turn = 'soon' WHERE id = ${firstEvent}`, 'text', 'integer'],
    ['timestamp', `UPDATE event SET timestamp = 1.5 WHERE id = ${firstEvent}`, 'real', 'integer'],
  ])('names the place of an event whose %s is', (column, sql, found, expected) => {
    for (const { differences } of [sidecar.verify(sql), sidecar.verify(sql, RUN)]) {
      expect(differences).toEqual([
        {
          simulation_id: RUN,
          segment: expect.stringMatching(/^events.*\.jsonl$/) as string,
          offset: 0,
          event_id: expect.any(String) as string,
          table: 'event',
          row: expect.any(Number) as number,
          problem: expect.stringMatching(
            new RegExp(`^event \\S+: ${column} is stored as ${found}, not as ${expected}$`),
          ) as string,
        },
      ])
    }
    expect(sidecar.verify(sql, OTHER).differences).toEqual([])
  })

  it('names the row of an event whose id is', () => {
    const { differences } = sidecar.verify(
      `UPDATE event SET event_id = x'00' WHERE id = ${firstEvent}`,
    )
    expect(differences).toMatchObject([
      {
        simulation_id: RUN,
        offset: 0,
        problem: expect.stringMatching(/^row \d+ of event: event_id is stored as blob/) as string,
      },
    ])
  })

  it.each([
    [
      'a reject',
      'UPDATE reject SET reason = CAST(reason AS BLOB) WHERE id = (SELECT min(id) FROM reject)',
      { table: 'reject', problem: 'reason is stored as blob, not as text' },
    ],
    [
      'a run',
      `UPDATE simulation SET name = CAST(name AS BLOB) WHERE name = '${RUN}'`,
      { table: 'simulation', problem: 'name is stored as blob, not as text' },
    ],
    [
      'a segment',
      `UPDATE segment SET checkpoint = 'end' WHERE id = ${first('segment')}`,
      {
        simulation_id: RUN,
        table: 'segment',
        problem: 'checkpoint is stored as text, not as integer',
      },
    ],
    [
      'a leaf',
      `UPDATE leaf SET turns = 'x' WHERE stretch = ${first('stretch')}`,
      { simulation_id: RUN, table: 'leaf', problem: 'turns is stored as text, not as blob' },
    ],
    [
      'an agent',
      "UPDATE agent SET name = x'00ff' WHERE id = 3",
      { table: 'agent', row: 3, problem: `name is stored as blob, not as text${REMEDY}` },
    ],
    [
      'how far the full-text index is',
      "UPDATE search_progress SET last_row = 'zzz'",
      { table: 'search_progress', problem: `last_row is stored as text, not as integer${REMEDY}` },
    ],
    [
      'a participant',
      "INSERT INTO participant VALUES (1, 'cell')",
      { problem: `row 1 → 'cell' of participant: cell is stored as text, not as integer${REMEDY}` },
    ],
    [
      'a link',
      "INSERT INTO edge VALUES ('x', 1)",
      { problem: "row 'x' → 1 of edge: cause is stored as text, not as integer" },
    ],
  ])('names the row of %s', (_what, sql, difference) => {
    const { equal, differences } = sidecar.verify(sql)
    expect(equal).toBe(false)
    expect(differences).toEqual([expect.objectContaining(difference)])
  })

  it('are gone with a reindex of their run', async () => {
    const root = join(temporaryDirectory(), 'root')
    cpSync(sidecar.root, root, { recursive: true })
    const db = sidecar.tamper('UPDATE event SET details = CAST(details AS BLOB)')
    for (const simulation of [RUN, OTHER]) await reindexRun({ root, db, simulation, search: true })
    expect(verifyRoot({ root, db, simulation: RUN }).differences).toEqual([])
    expect(verifyRoot({ root, db }).equal).toBe(false)
  })
})

describe('turnlog verify', () => {
  it('ends with 1 and names the row, where others cannot say what is wrong', async () => {
    const db = sidecar.tamper("UPDATE agent SET name = x'00ff' WHERE id = 3")
    const { code, stdout, stderr } = await runCli('verify', '--root', sidecar.root, '--db', db)
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toContain(`  row 3 of agent: name is stored as blob, not as text${REMEDY}\n`)
  })
})
