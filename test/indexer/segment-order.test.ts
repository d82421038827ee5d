import { renameSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { planSegments } from '#indexer/segment-plan.js'
import type { FoundSegment } from '#src/segment/discovery.js'
import { eventLine } from '../support/event-lines.js'
import { NOTHING_NEW, TestRoot } from '../support/test-root.js'

const FIRST = eventLine('a', { description: 'first' })
const SECOND = eventLine('a', { description: 'second' })

/** A run that holds an event twice, saying different things, the first copy in `events_5.jsonl`. */
async function runWithTwoCopies(): Promise<TestRoot> {
  const test = new TestRoot()
  test.write('events_5.jsonl', FIRST, eventLine('b'))
  test.write('events.jsonl', SECOND, eventLine('c'))
  expect(await test.index()).toMatchObject({ events: 3, rejects: 1 })
  return test
}

describe('segments that change their order', () => {
  it('are read again, so that the copy that comes first now is the one that counts', async () => {
    const test = await runWithTwoCopies()
    renameSync(test.path('events.jsonl'), test.path('events_1.jsonl'))
    await test.index()
    expect(test.dump()).toMatchObject({
      events: [{ segment: 'events_1.jsonl', line: SECOND }, {}, {}],
      rejects: [{ segment: 'events_5.jsonl', offset: 0 }],
    })
  })

  it('are read again when they swapped their names', async () => {
    const test = await runWithTwoCopies()
    renameSync(test.path('events.jsonl'), test.path('events_7.jsonl'))
    expect(await test.index()).toMatchObject(NOTHING_NEW)
    renameSync(test.path('events_7.jsonl'), test.path('aside'))
    renameSync(test.path('events_5.jsonl'), test.path('events_7.jsonl'))
    renameSync(test.path('aside'), test.path('events_5.jsonl'))
    await test.index()
    expect(test.dump().events).toContainEqual(
      expect.objectContaining({ segment: 'events_5.jsonl', line: SECOND }),
    )
  })

  it('are not taken by the names they had while a segment in between is read', async () => {
    const test = new TestRoot()
    test.write('events_1.jsonl', FIRST)
    await test.index()
    renameSync(test.path('events_1.jsonl'), test.path('events_9.jsonl'))
    test.write('events_5.jsonl', SECOND)
    await test.index()
    expect(test.dump()).toMatchObject({
      events: [{ segment: 'events_5.jsonl', line: SECOND }],
      rejects: [{ segment: 'events_9.jsonl' }],
    })
  })

  it('are left alone when no event of the run stands in it twice', async () => {
    const test = new TestRoot()
    test.write('events_5.jsonl', eventLine('a'))
    test.write('events.jsonl', eventLine('b'))
    await test.index()
    renameSync(test.path('events.jsonl'), test.path('events_1.jsonl'))
    expect(await test.index()).toMatchObject(NOTHING_NEW)
    expect(test.dump().events).toMatchObject([
      { segment: 'events_1.jsonl', line: eventLine('b') },
      { segment: 'events_5.jsonl', line: eventLine('a') },
    ])
  })
})

describe('planSegments', () => {
  const known = (id: number, name: string): Parameters<typeof planSegments>[0][number] => ({
    id,
    name,
    size: 9,
    device: 1,
    inode: id,
    modifiedMs: 1,
    checkpoint: 9,
    prefixCrc: 0,
    tailCrc: 0,
  })
  const file = (inode: number, name: string): FoundSegment => ({
    name,
    path: name,
    size: 9,
    device: 1,
    inode,
    modifiedMs: 1,
  })
  const holds = (found: FoundSegment, { inode }: { inode: number }): boolean =>
    found.inode === inode

  it.each([
    ['a rotation', [[2, 'events_2.jsonl']], false],
    ['a rotation under a name that sorts behind', [[2, 'events_1_0001.jsonl']], false],
    ['a rotation under a name that sorts before', [[2, 'events_0.jsonl']], true],
    ['a deletion', [], false],
  ] as const)('says whether %s changes the order', (_what, changed, reordered) => {
    const segments = [known(1, 'events_1.jsonl'), known(2, 'events.jsonl')]
    const files = [[1, 'events_1.jsonl'] as const, ...changed]
      .map(([inode, name]) => file(inode, name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    expect(planSegments(segments, files, holds)).toMatchObject({ reordered })
  })

  it('keeps the names of two links to one file apart', () => {
    const segments = [
      { ...known(2, 'events.jsonl'), inode: 1 },
      { ...known(1, 'events_backup.jsonl'), inode: 1 },
    ]
    const files = [file(1, 'events_backup.jsonl'), file(1, 'events.jsonl')]
    expect(planSegments(segments, files, holds)).toMatchObject({
      work: [],
      gone: [],
      reordered: false,
    })
  })
})
