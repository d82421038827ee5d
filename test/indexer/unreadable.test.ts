import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyRoot } from '#indexer/verify-root.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { TestRoot } from '../support/test-root.js'
import { runUnprivileged } from '../support/unprivileged.js'

const built = (path: string): string => new URL(`../../dist/${path}`, import.meta.url).href

/** Runs statements over `fs`, `root`, `db`, `index()` and the like as somebody whom file permissions bind. */
function unprivileged(test: TestRoot, body: string): unknown {
  const output = runUnprivileged(
    {
      fs: 'node:fs',
      indexRoot: built('indexer/index-root.js'),
      reindexing: built('indexer/reindex.js'),
      reindexingRun: built('indexer/reindex-run.js'),
      following: built('indexer/follow.js'),
    },
    `const { root, db, later } = JSON.parse(argument)
     const index = () => indexRoot.indexRoot({ root, db })
     const reindex = () => reindexing.reindexRoot({ root, db })
     const reindexRun = (simulation) => reindexingRun.reindexRun({ root, db, simulation })
     const failure = (work) => work().then(
       (report) => report,
       ({ code, message, hint }) => ({ code, message, hint }),
     )
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

describe('a reindex', () => {
  it.each(['run', 'run/events.jsonl'])(
    'leaves the sidecar that has the events of %s, which cannot be read now',
    (path) => {
      const test = new TestRoot()
      test.write('events.jsonl', eventLine('a'))
      const seen = unprivileged(
        test,
        `await index()
       const { mode } = fs.statSync(root + '/${path}')
       fs.chmodSync(root + '/${path}', 0)
       const refused = await failure(reindex)
       fs.chmodSync(root + '/${path}', mode)
       const left = [db + '.rebuild'].filter(fs.existsSync)
       process.stdout.write(JSON.stringify({ refused, left }))`,
      )
      expect(seen).toEqual({
        refused: {
          code: 'REINDEX_CHECK_FAILED',
          message: `replace the sidecar ${test.db}: the new one would have 0 events of run, not 1: ${join(test.root, path)} cannot be read (EACCES)`,
          hint: expect.stringContaining('the old sidecar is still in place') as string,
        },
        left: [],
      })
      expect(verifyRoot(test)).toMatchObject({ equal: true, events: 1 })
    },
  )

  it('goes on where there is no sidecar that has more', () => {
    const test = new TestRoot()
    test.write('events_1.jsonl', eventLine('a'))
    test.write('events_2.jsonl', eventLine('b'))
    const seen = unprivileged(
      test,
      `fs.chmodSync(root + '/run/events_2.jsonl', 0)
       const reports = [await failure(reindex), await failure(reindex)]
       fs.chmodSync(root + '/run/events_2.jsonl', 0o600)
       process.stdout.write(JSON.stringify(reports))`,
    )
    const problems = [{ message: expect.stringContaining('cannot be read') as string }]
    expect(seen).toMatchObject([
      { total: { events: 1 }, problems },
      { total: { events: 1 }, problems },
    ])
  })

  it('of a run that cannot be looked into says so, not that there is none', () => {
    const test = new TestRoot()
    test.write('events.jsonl', eventLine('a'))
    const seen = unprivileged(
      test,
      `await index()
       fs.chmodSync(root + '/run', 0)
       const refused = await failure(() => reindexRun('run'))
       fs.chmodSync(root + '/run', 0o700)
       process.stdout.write(JSON.stringify(refused))`,
    )
    expect(seen).toMatchObject({
      code: 'INPUT_UNREADABLE',
      message: `reindex run: ${join(test.root, 'run')} cannot be read (EACCES)`,
    })
    expect(verifyRoot(test)).toMatchObject({ equal: true, events: 1 })
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
