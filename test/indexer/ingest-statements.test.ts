import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { SimulationIndexer } from '#indexer/index-simulation.js'
import { listSegments } from '#src/segment/discovery.js'
import { openSidecarForWriting } from '#src/sidecar/open-sidecar.js'
import { eventLine } from '../support/event-lines.js'
import { TestRoot } from '../support/test-root.js'

describe('the statements of a block', () => {
  it('look at the rows of the block alone, however long the run is', async () => {
    const test = new TestRoot()
    const connection = await openSidecarForWriting(join(test.directory, 'index.db'))
    const prepare = vi.spyOn(connection, 'prepare')
    const indexer = new SimulationIndexer(connection, { blockBytes: 1 })
    test.write(
      'events.jsonl',
      eventLine('c', { second: 3 }),
      eventLine('b', { second: 2, causes: ['d', 'never'] }),
      eventLine('a', { second: 1 }),
      eventLine('d', { second: 4 }),
    )
    await indexer.index(test.root, 'run', listSegments(test.root, 'run'))

    const ofBlocks = prepare.mock.calls.map(([sql]) => sql).filter((sql) => /\bid >= \?/.test(sql))
    expect(ofBlocks).toHaveLength(2)
    for (const sql of ofBlocks) {
      const plan = connection
        .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll('?', '1')}`)
        .all()
        .map(({ detail }) => detail)
      expect(plan, sql).toContainEqual('SEARCH event USING INTEGER PRIMARY KEY (rowid>?)')
    }
    connection.close()
    expect(test.lines()).toHaveLength(4)
  })
})
