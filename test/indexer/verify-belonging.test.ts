import { beforeAll, describe, expect, it } from 'vitest'
import { type TamperedSidecar, tamperedSidecar } from '../support/tampered-sidecar.js'

const RUN = 'village-20261125-234720-3agents'
const OTHER = 'village-20261125-234721-3agents'

let sidecar: TamperedSidecar

beforeAll(async () => {
  sidecar = await tamperedSidecar()
})

const run = (name: string): string => `(SELECT id FROM simulation WHERE name = '${name}')`

describe('verifyRoot, of what belongs to what', () => {
  const segmentOf = (name: string): string =>
    `(SELECT id FROM segment WHERE simulation = ${run(name)} AND name = 'events.jsonl')`

  it("finds events in another run's segment of the same name", () => {
    const { differences, difference_count: count } = sidecar.verify(
      `UPDATE event SET segment = ${segmentOf(OTHER)} WHERE simulation = ${run(RUN)} AND turn = 1
        AND segment = ${segmentOf(RUN)}`,
      RUN,
    )
    expect(count).toBeGreaterThan(0)
    expect(differences[0]).toMatchObject({
      simulation_id: RUN,
      segment: 'events.jsonl',
      table: 'event',
      problem: expect.stringMatching(
        /^event \S+ is indexed in a segment the run does not have$/,
      ) as string,
    })
  })

  it("finds a reject in another run's segment of the same name", () => {
    const { differences } = sidecar.verify(
      `UPDATE reject SET segment = ${segmentOf(RUN)} WHERE simulation = ${run('no-json')}`,
    )
    expect(differences).toContainEqual(
      expect.objectContaining({
        simulation_id: 'no-json',
        table: 'reject',
        problem: 'is a reject of no segment the run has',
      }),
    )
  })

  it.each([
    [
      'a participant of no cell',
      'INSERT INTO participant VALUES (1, 9999)',
      { problem: 'row 1 → 9999 of participant leads to no cell' },
    ],
    [
      'a participant that is no agent',
      'INSERT INTO participant VALUES (9999, 1)',
      { problem: 'row 9999 → 1 of participant begins at no agent' },
    ],
    [
      'a cell of no type',
      'INSERT INTO cell VALUES (9999, 99, NULL, NULL, NULL)',
      { table: 'cell', row: 9999, problem: 'its type is none there is' },
    ],
    [
      'a cell of no agent',
      'INSERT INTO cell VALUES (9999, 1, 9999, NULL, NULL)',
      { table: 'cell', row: 9999, problem: 'its agent is none there is' },
    ],
    [
      'a cell of no kind',
      'INSERT INTO cell VALUES (9999, 1, NULL, 9999, NULL)',
      { table: 'cell', row: 9999, problem: 'its kind is none there is' },
    ],
    [
      'a cell that is there already',
      'INSERT INTO cell SELECT 9999, type, agent, kind, participants FROM cell LIMIT 1',
      { table: 'cell', row: 9999, problem: 'says what another cell says' },
    ],
  ])('finds %s', (_what, sql, difference) => {
    expect(sidecar.verify(sql).differences).toEqual([difference])
  })
})
