import {
  appendFileSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { ProcessLock } from '#src/process-lock.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { NOTHING_NEW, TestRoot } from '../support/test-root.js'

const FIXTURE = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))
describe('indexRoot', () => {
  it('reads the files of the reference system whole, and once', async () => {
    const db = join(temporaryDirectory(), 'index.db')
    const first = await indexRoot({ root: FIXTURE, db })
    expect(first).toMatchObject({
      simulations: 2,
      segments: 7,
      events: 2041,
      rejects: 0,
      duplicates: 0,
      bytes: 845_278,
    })
    const second = await indexRoot({ root: FIXTURE, db })
    expect(second).toMatchObject({ ...NOTHING_NEW, simulations: 2, segments: 7 })
    expect(second.total).toEqual({ events: 2041, rejects: 0, duplicates: 0 })
    expect(verifyRoot({ root: FIXTURE, db })).toMatchObject({ equal: true, events: 2041 })
  })

  it('reads nothing twice after a copy, a touch or a rotation', async () => {
    const test = new TestRoot()
    cpSync(FIXTURE, test.root, { recursive: true })
    await test.index()
    const run = join(test.root, 'solo')
    utimesSync(join(run, 'events.jsonl'), new Date(), new Date(0))
    expect(await test.index()).toMatchObject(NOTHING_NEW)

    renameSync(join(run, 'events.jsonl'), join(run, 'events_2026-01-01_00-00-00.jsonl'))
    expect(await test.index()).toMatchObject({ ...NOTHING_NEW, segments: 7 })

    renameSync(test.root, `${test.root}.old`)
    cpSync(`${test.root}.old`, test.root, { recursive: true })
    expect(await test.index()).toMatchObject(NOTHING_NEW)
    expect(verifyRoot(test)).toMatchObject({ equal: true, events: 2041 })
  })

  it('leaves a torn tail until its newline comes', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', eventLine('a'))
    appendFileSync(test.path('events.jsonl'), eventLine('b').slice(0, 20))
    expect(await test.index()).toMatchObject({ events: 1, rejects: 0 })
    expect(await test.index()).toMatchObject(NOTHING_NEW)
    appendFileSync(test.path('events.jsonl'), `${eventLine('b').slice(20)}\n`)
    expect(await test.index()).toMatchObject({ events: 1, rejects: 0 })
    expect(test.lines()).toEqual([eventLine('a'), eventLine('b')])
  })

  it('reads on in the sealed segment and in the new active one', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', eventLine('a'))
    await test.index()
    appendFileSync(test.path('events.jsonl'), segmentText(eventLine('b')))
    renameSync(test.path('events.jsonl'), test.path('events_1.jsonl'))
    test.write('events.jsonl', eventLine('c'))
    expect(await test.index()).toMatchObject({ events: 2, segments: 2 })
    expect(test.lines()).toHaveLength(3)
  })

  it.each([
    [
      'cut short',
      (path: string) => {
        truncateSync(path, segmentText(eventLine('a')).length)
      },
      ['a'],
    ],
    [
      'changed in place',
      (path: string) => {
        writeFileSync(path, readFileSync(path, 'utf8').replace('"b"', '"X"'))
      },
      ['a', 'X'],
    ],
    [
      'replaced',
      (path: string) => {
        writeFileSync(path, segmentText(eventLine('new')))
      },
      ['new'],
    ],
    [
      'emptied',
      (path: string) => {
        truncateSync(path)
      },
      [],
    ],
  ])('reads a segment anew that was %s', async (_what, change, ids) => {
    const test = new TestRoot()
    test.write('events.jsonl', eventLine('a'), eventLine('b', { causes: ['a'] }))
    await test.index()
    change(test.path('events.jsonl'))
    await test.index()
    expect(test.lines().map((line) => (JSON.parse(line) as { event_id: string }).event_id)).toEqual(
      ids,
    )
  })

  it('forgets a deleted segment, and knows it again when it is back', async () => {
    const test = new TestRoot()
    test.write('events_1.jsonl', eventLine('a'))
    test.write('events.jsonl', eventLine('b', { causes: ['a'] }))
    await test.index()
    const content = readFileSync(test.path('events_1.jsonl'))
    rmSync(test.path('events_1.jsonl'))
    await test.index()
    expect(test.dump()).toMatchObject({
      events: [{}],
      edges: [],
      dangling: [{ cause_event_id: 'a' }],
    })
    writeFileSync(test.path('events_1.jsonl'), content)
    await test.index()
    expect(test.dump()).toMatchObject({ events: [{}, {}], edges: [{}], dangling: [] })
  })

  it('takes out a deleted run and reads it anew when it is back', async () => {
    const test = new TestRoot()
    cpSync(FIXTURE, test.root, { recursive: true })
    rmSync(join(test.root, 'run'), { recursive: true })
    await test.index()
    renameSync(join(test.root, 'solo'), join(test.directory, 'solo'))
    expect(await test.index()).toMatchObject({ removed: 1, total: { events: 2000 } })
    expect(test.dump().simulations).toHaveLength(1)
    renameSync(join(test.directory, 'solo'), join(test.root, 'solo'))
    expect(await test.index()).toMatchObject({ events: 41, total: { events: 2041 } })
  })

  it('makes a deleted sidecar again', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', eventLine('a'))
    await test.index()
    rmSync(test.db)
    expect(await test.index()).toMatchObject({ events: 1 })
  })

  it.each([1, 250, 100_000])(
    'counts copies once and refuses others, in blocks of %i bytes',
    async (blockBytes) => {
      const test = new TestRoot()
      test.write('events_1.jsonl', eventLine('a'), eventLine('a'), eventLine('b'))
      const other = eventLine('b', { description: 'other' })
      test.write(
        'events.jsonl',
        eventLine('b').replace('{', '{ '),
        other,
        eventLine('c'),
        eventLine('c'),
      )
      expect(await test.index(blockBytes)).toMatchObject({ events: 3, duplicates: 3, rejects: 1 })
      expect(test.dump().rejects).toMatchObject([
        { segment: 'events.jsonl', offset: eventLine('b').length + 2, length: other.length },
      ])
    },
  )

  it('lets the earlier copy count when its segment comes later', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', eventLine('a', { description: 'second' }))
    await test.index()
    test.write('events_1.jsonl', eventLine('a', { description: 'first' }))
    await test.index()
    const { events, rejects } = test.dump()
    expect(events).toMatchObject([{ segment: 'events_1.jsonl' }])
    expect(rejects).toMatchObject([{ segment: 'events.jsonl', offset: 0 }])
  })

  it.each([1, 100_000])(
    'links effects that come before their causes, in blocks of %i bytes',
    async (blockBytes) => {
      const test = new TestRoot()
      test.write(
        'events_1.jsonl',
        eventLine('effect', { causes: ['cause', 'never', 'self'] }),
        eventLine('self', { causes: ['self', 'cause'] }),
      )
      test.write('events.jsonl', eventLine('cause'))
      await test.index(blockBytes)
      const { edges, dangling } = test.dump()
      expect(edges).toMatchObject([
        { cause_event_id: 'cause', effect_event_id: 'effect' },
        { cause_event_id: 'cause', effect_event_id: 'self' },
        { cause_event_id: 'self', effect_event_id: 'effect' },
        { cause_event_id: 'self', effect_event_id: 'self' },
      ])
      expect(dangling).toMatchObject([{ cause_event_id: 'never', event_id: 'effect' }])
    },
  )

  it('keeps its hands off while another indexer is at work', async () => {
    const test = new TestRoot()
    const lock = ProcessLock.tryAcquire(`${test.db}.lock`)
    await expect(indexRoot({ root: test.root, db: test.db, lockWaitMs: 0 })).rejects.toMatchObject({
      code: 'SIDECAR_LOCKED',
    })
    lock?.release()
    expect(await test.index()).toMatchObject(NOTHING_NEW)
  })

  it('changes no run on disk', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', eventLine('a'), 'junk')
    const before = statSync(test.path('events.jsonl'))
    await test.index()
    await test.index()
    const after = statSync(test.path('events.jsonl'))
    expect([after.mtimeMs, after.size, after.ino]).toEqual([
      before.mtimeMs,
      before.size,
      before.ino,
    ])
  })
})
