import { appendFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SimulationIndexer } from '#indexer/index-simulation.js'
import { listSegments } from '#src/segment/discovery.js'
import { openSidecarForWriting } from '#src/sidecar/open-sidecar.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { TestRoot } from '../support/test-root.js'

async function openIndexer(test: TestRoot): Promise<SimulationIndexer> {
  const connection = await openSidecarForWriting(test.db)
  onTestFinished(() => {
    connection.close()
  })
  return new SimulationIndexer(connection)
}

describe('a run that changes after it was listed', () => {
  it('is listed again when it was rotated, and counts what was read before', async () => {
    const test = new TestRoot()
    const indexer = await openIndexer(test)
    test.write('events_1.jsonl', eventLine('a'))
    test.write('events.jsonl', eventLine('b'))
    const listed = listSegments(test.root, 'run')
    renameSync(test.path('events.jsonl'), test.path('events_2.jsonl'))
    test.write('events.jsonl', eventLine('c'))

    expect(await indexer.index(test.root, 'run', listed)).toMatchObject({
      events: 3,
      segments: 3,
      problems: [],
    })
    expect(test.lines()).toHaveLength(3)
  })

  it('gives what it held when it was listed, and the rest the next time', async () => {
    const test = new TestRoot()
    const indexer = await openIndexer(test)
    test.write('events.jsonl', eventLine('a'))
    const listed = listSegments(test.root, 'run')
    appendFileSync(test.path('events.jsonl'), segmentText(eventLine('b')))
    expect(await indexer.index(test.root, 'run', listed)).toMatchObject({ events: 1 })
    expect(await indexer.index(test.root, 'run', listSegments(test.root, 'run'))).toMatchObject({
      events: 1,
    })
    expect(test.lines()).toHaveLength(2)
  })

  it('is left to who looks at the root when its directory is gone', async () => {
    const test = new TestRoot()
    const indexer = await openIndexer(test)
    test.write('events.jsonl', eventLine('a'))
    await indexer.index(test.root, 'run', listSegments(test.root, 'run'))
    appendFileSync(test.path('events.jsonl'), segmentText(eventLine('b')))
    const listed = listSegments(test.root, 'run')
    rmSync(join(test.root, 'run'), { recursive: true })
    expect(await indexer.index(test.root, 'run', listed)).toMatchObject({
      segments: 0,
      problems: [],
    })
    expect(indexer.simulations()).toEqual(['run'])
  })
})

describe('an event nested deeper than any stack', () => {
  it('is recognised when it comes again', async () => {
    const test = new TestRoot()
    const line = eventLine('a').replace(
      '}',
      `,"details":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    )
    test.write('events.jsonl', line, line.replace('{', '{ '), line.replace('[]', '[1]'))
    expect(await test.index()).toMatchObject({ events: 1, duplicates: 1, rejects: 1 })
    expect(test.lines()).toEqual([line])
  })
})
