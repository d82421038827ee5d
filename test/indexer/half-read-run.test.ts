import { describe, expect, it } from 'vitest'
import { RootIndexer } from '#indexer/root-indexer.js'
import { readReadingState } from '#src/query/reading-state.js'
import { findSimulation } from '#src/query/simulation-row.js'
import { SidecarReader } from '#src/sidecar/sidecar-reader.js'
import { eventLine } from '../support/event-lines.js'
import { TestRoot } from '../support/test-root.js'

const SEGMENTS = ['events_1.jsonl', 'events_2.jsonl', 'events.jsonl']

/** Ends a pass when a segment is read to its end and the next one is not begun. */
async function readFirstSegment({ root, db }: TestRoot): Promise<void> {
  let blocks = 0
  let looks = 0
  const indexer = new RootIndexer({
    root,
    db,
    onProgress: ({ bytes }) => {
      if (bytes > 0) blocks++
    },
    // Asked behind the first block, and again before the next segment.
    shouldStop: () => blocks > 0 && ++looks > 1,
  })
  await indexer.pass()
  indexer.close()
}

async function readState({ db }: TestRoot) {
  const reader = new SidecarReader(db)
  const state = await reader.read(async (snapshot) => {
    const simulation = await findSimulation(snapshot, 'run')
    return readReadingState(snapshot, simulation)
  })
  await reader.close()
  return state
}

describe('a run that is left between two segments', () => {
  it('is known to be half read, be it new or read anew', async () => {
    const test = new TestRoot()
    for (const name of SEGMENTS) test.write(name, eventLine(`in ${name}`))
    await readFirstSegment(test)
    expect(await readState(test)).toEqual({ events: 1, isBeingRead: true })

    await test.index()
    expect(await readState(test)).toEqual({ events: 3, isBeingRead: false })

    test.write('events_1.jsonl', eventLine('another'))
    await readFirstSegment(test)
    expect(await readState(test)).toEqual({ events: 1, isBeingRead: true })

    await test.index()
    expect(await readState(test)).toEqual({ events: 3, isBeingRead: false })
    expect(test.lines()).toHaveLength(3)
  })
})
