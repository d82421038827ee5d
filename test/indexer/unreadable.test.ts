import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyRoot } from '#indexer/verify-root.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { TestRoot } from '../support/test-root.js'
import { runUnprivileged } from '../support/unprivileged.js'

const built = (path: string): string => new URL(`../../dist/${path}`, import.meta.url).href

/** Runs statements over `fs`, `root`, `db` and `index()` as somebody whom file permissions bind. */
function unprivileged(test: TestRoot, body: string): unknown {
  const output = runUnprivileged(
    {
      fs: 'node:fs',
      indexRoot: built('indexer/index-root.js'),
      following: built('indexer/follow.js'),
    },
    `const { root, db, later } = JSON.parse(argument)
     const index = () => indexRoot.indexRoot({ root, db })
     ${body}`,
    JSON.stringify({
      root: test.root,
      db: test.db,
      later: segmentText(eventLine('later')),
    }),
  )
  return JSON.parse(output)
}

describe('a segment that cannot be read', () => {
  it('keeps its rows when another segment of the run is deleted', () => {
    const test = new TestRoot()
    test.write('events_1.jsonl', eventLine('a'))
    test.write('events_2.jsonl', eventLine('b'))
    const reports = unprivileged(
      test,
      `const reports = [await index()]
       fs.chmodSync(root + '/run/events_1.jsonl', 0)
       fs.rmSync(root + '/run/events_2.jsonl')
       reports.push(await index())
       fs.chmodSync(root + '/run/events_1.jsonl', 0o600)
       reports.push(await index())
       process.stdout.write(JSON.stringify(reports))`,
    )
    expect(reports).toMatchObject([
      { events: 2, problems: [] },
      {
        problems: [{ path: test.path('events_1.jsonl'), message: 'cannot be read (EACCES)' }],
        total: { events: 2 },
      },
      { problems: [], total: { events: 1 } },
    ])
    expect(verifyRoot(test)).toMatchObject({ equal: true })
  })

  it('is named once, however many turns its run takes', () => {
    const test = new TestRoot()
    test.write('events_1.jsonl', eventLine('a'))
    test.write('events.jsonl', ...Array.from({ length: 50 }, (_, index) => eventLine(`b${index}`)))
    mkdirSync(join(test.root, 'other'))
    writeFileSync(
      join(test.root, 'other', 'events.jsonl'),
      segmentText(...Array.from({ length: 50 }, (_, index) => eventLine(`c${index}`))),
    )
    const report = unprivileged(
      test,
      `fs.chmodSync(root + '/run/events_1.jsonl', 0)
       const report = await indexRoot.indexRoot({ root, db, blockBytes: 500, turnBytes: 1 })
       process.stdout.write(JSON.stringify(report))`,
    )
    expect(report).toMatchObject({
      events: 100,
      problems: [{ path: test.path('events_1.jsonl'), message: 'cannot be read (EACCES)' }],
    })
  })

  it('keeps its rows when an earlier copy of an event turns up', () => {
    const test = new TestRoot()
    test.write('events_2.jsonl', eventLine('b'))
    test.write('events_3.jsonl', eventLine('c'))
    const earlier = segmentText(eventLine('c', { description: 'earlier' }))
    writeFileSync(test.path('earlier'), earlier)
    const hidden = test.path('events_2.jsonl')
    const reports = unprivileged(
      test,
      `const reports = [await index()]
       fs.chmodSync(root + '/run/events_2.jsonl', 0)
       fs.renameSync(root + '/run/earlier', root + '/run/events_1.jsonl')
       reports.push(await index())
       fs.chmodSync(root + '/run/events_2.jsonl', 0o600)
       reports.push(await index())
       process.stdout.write(JSON.stringify(reports))`,
    )
    expect(reports).toMatchObject([
      { events: 2, problems: [] },
      { problems: [{ path: hidden, message: 'cannot be read (EACCES)' }], total: { events: 2 } },
      { problems: [], total: { events: 2, rejects: 1 } },
    ])
    expect(verifyRoot(test)).toMatchObject({ equal: true })
  })
})

describe('a follower', () => {
  it('goes on with the other runs while one cannot be looked into', () => {
    const test = new TestRoot()
    test.write('events.jsonl', eventLine('a'))
    mkdirSync(join(test.root, 'other'))
    const other = join(test.root, 'other', 'events.jsonl')
    writeFileSync(other, segmentText(eventLine('a')))
    const seen = unprivileged(
      test,
      `const controller = new AbortController()
       const errors = []
       let events = 0
       const onPass = (report) => {
         events += report.events
         if (events === 2 && fs.statSync(root + '/run').mode & 0o100) {
           fs.chmodSync(root + '/run', 0)
           fs.appendFileSync(root + '/other/events.jsonl', later)
         }
         if (events === 3) controller.abort()
       }
       const onError = (error) => { errors.push(error.code); controller.abort() }
       await following.follow({
         root, db, signal: controller.signal, onPass, onError, tickMs: 1, discoveryMs: 60_000,
       })
       fs.chmodSync(root + '/run', 0o700)
       process.stdout.write(JSON.stringify({ events, errors }))`,
    )
    expect(seen).toEqual({ events: 3, errors: [] })
  })
})
