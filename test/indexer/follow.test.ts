import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { follow } from '#indexer/follow.js'
import { indexRoot } from '#indexer/index-root.js'
import { reindexRoot } from '#indexer/reindex.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { eventually } from '../support/eventually.js'
import { searchFor } from '../support/search-dump.js'
import { dumpSidecar } from '../support/sidecar-dump.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** A followed root with one run; following ends with the test. */
async function followedRoot({ discoveryMs = 20, search = false, tickMs = 5 } = {}): Promise<{
  root: string
  db: string
  errors: unknown[]
  ids: () => string[]
}> {
  const directory = temporaryDirectory()
  const root = join(directory, 'root')
  const db = join(directory, 'index.db')
  mkdirSync(join(root, 'run'), { recursive: true })
  writeFileSync(join(root, 'run', 'events.jsonl'), segmentText(eventLine('first')))
  const controller = new AbortController()
  const errors: unknown[] = []
  const followed = follow({
    root,
    db,
    signal: controller.signal,
    tickMs,
    discoveryMs,
    search,
    onError: (error) => errors.push(error),
  })
  onTestFinished(async () => {
    controller.abort()
    await followed
  })
  const ids = (): string[] =>
    dumpSidecar(db).events.map(({ line }) => (JSON.parse(line) as { event_id: string }).event_id)
  await eventually(() => {
    expect(ids()).toEqual(['first'])
  })
  return { root, db, errors, ids }
}

describe('follow', () => {
  it('indexes what is appended, across a rotation', async () => {
    const { root, ids, errors } = await followedRoot()
    const active = join(root, 'run', 'events.jsonl')
    appendFileSync(active, segmentText(eventLine('second')))
    await eventually(() => {
      expect(ids()).toEqual(['first', 'second'])
    })
    appendFileSync(active, segmentText(eventLine('third')))
    renameSync(active, join(root, 'run', 'events_1.jsonl'))
    writeFileSync(active, segmentText(eventLine('fourth')))
    await eventually(() => {
      expect(ids().sort()).toEqual(['first', 'fourth', 'second', 'third'])
    })
    expect(errors).toEqual([])
  })

  it('sees runs come and go', async () => {
    const { root, ids } = await followedRoot()
    mkdirSync(join(root, 'other'))
    writeFileSync(join(root, 'other', 'events.jsonl'), segmentText(eventLine('another')))
    await eventually(() => {
      expect(ids().sort()).toEqual(['another', 'first'])
    })
    rmSync(join(root, 'run'), { recursive: true })
    await eventually(() => {
      expect(ids()).toEqual(['another'])
    })
  })

  it('sees a new run without a search of the root', async () => {
    const { root, ids } = await followedRoot({ discoveryMs: 3_600_000 })
    for (const name of ['a', 'b']) {
      mkdirSync(join(root, name))
      appendFileSync(join(root, 'run', 'events.jsonl'), segmentText(eventLine(`before-${name}`)))
      await eventually(() => {
        expect(ids()).toContain(`before-${name}`)
      })
      writeFileSync(join(root, name, 'events.jsonl'), segmentText(eventLine(`in-${name}`)))
      await eventually(() => {
        expect(ids()).toContain(`in-${name}`)
      })
    }
    expect(ids().sort()).toEqual(['before-a', 'before-b', 'first', 'in-a', 'in-b'])
  })

  it('makes the sidecar again when it is deleted', async () => {
    const { root, db, ids } = await followedRoot()
    for (const suffix of ['', '-wal', '-shm']) rmSync(db + suffix, { force: true })
    appendFileSync(join(root, 'run', 'events.jsonl'), segmentText(eventLine('second')))
    await eventually(() => {
      expect(ids()).toEqual(['first', 'second'])
    })
  })

  it('takes turns with a reindex, and goes on in the new sidecar', async () => {
    const { root, db, errors, ids } = await followedRoot()
    const active = join(root, 'run', 'events.jsonl')
    for (let round = 0; round < 5; round++) {
      appendFileSync(active, segmentText(eventLine(`before-${round}`)))
      await reindexRoot({ root, db })
      appendFileSync(active, segmentText(eventLine(`after-${round}`)))
      await eventually(() => {
        expect(ids()).toHaveLength(3 + 2 * round)
      })
    }
    expect(errors).toEqual([])
    expect(verifyRoot({ root, db })).toMatchObject({ equal: true, events: 11 })
  })

  it('reports that the root is gone, and goes on when it is back', async () => {
    const { root, errors, ids } = await followedRoot()
    renameSync(root, `${root}.away`)
    await eventually(() => {
      expect(errors.at(-1)).toMatchObject({ code: 'ROOT_NOT_FOUND' })
    })
    expect(ids()).toEqual(['first'])
    renameSync(`${root}.away`, root)
    appendFileSync(join(root, 'run', 'events.jsonl'), segmentText(eventLine('second')))
    await eventually(() => {
      expect(ids()).toEqual(['first', 'second'])
    })
  })

  it('makes many events searchable while there are always new ones', async () => {
    const ticks = { tickMs: 1_000, discoveryMs: 60_000 }
    const { root, db, errors } = await followedRoot({ search: true, ...ticks })
    // With a tick between two steps, it would take far longer than anything here waits.
    const description = 'grain '.repeat(200)
    const lines = Array.from({ length: 8_000 }, (_, index) =>
      eventLine(`event-${index}`, { description }),
    )
    const active = join(root, 'run', 'events.jsonl')
    appendFileSync(active, segmentText(...lines))
    let late = 0
    const writing = setInterval(() => {
      appendFileSync(active, segmentText(eventLine(`late-${late++}`)))
    }, 1)
    onTestFinished(() => {
      clearInterval(writing)
    })
    const connection = new Database(db, { readonly: true })
    onTestFinished(() => {
      connection.close()
    })
    await eventually(() => {
      const events = connection.prepare('SELECT events FROM search_progress').pluck().get()
      expect(events).toBeGreaterThan(5_500)
    })
    expect(errors).toEqual([])
  })

  it('makes searchable what it reads, and the rest when nothing new comes', async () => {
    const { root, db, errors, ids } = await followedRoot({ search: true })
    const active = join(root, 'run', 'events.jsonl')
    const count = (word: string): number => {
      const connection = new Database(db, { readonly: true })
      const found = searchFor(connection, word).length
      connection.close()
      return found
    }
    // Some steps' worth at once.
    const long = 'grain '.repeat(80)
    const lines = Array.from({ length: 3_000 }, (_, index) =>
      eventLine(`event-${index}`, { description: `${long}${index}` }),
    )
    appendFileSync(active, segmentText(...lines))
    await eventually(() => {
      expect(count('grain')).toBe(3_000)
    })
    appendFileSync(active, segmentText(eventLine('late', { description: 'iron' })))
    await eventually(() => {
      expect(count('iron')).toBe(1)
    })
    await reindexRoot({ root, db })
    await eventually(() => {
      expect([count('grain'), count('iron')]).toEqual([3_000, 1])
    })
    writeFileSync(active, segmentText(eventLine('other', { description: 'bread' })))
    await eventually(() => {
      expect(ids()).toEqual(['other'])
      expect([count('grain'), count('iron'), count('bread')]).toEqual([0, 0, 1])
    })
    expect(errors).toEqual([])
    expect(verifyRoot({ root, db }).differences).toEqual([])
  })

  it('leaves the full-text index as it is unless it is told to keep it', async () => {
    const { root, db, ids } = await followedRoot()
    await indexRoot({ root, db, search: true, lockWaitMs: 20_000 })
    appendFileSync(join(root, 'run', 'events.jsonl'), segmentText(eventLine('second')))
    await eventually(() => {
      expect(ids()).toEqual(['first', 'second'])
    })
    const connection = new Database(db, { readonly: true })
    expect(connection.prepare('SELECT events FROM search_progress').pluck().get()).toBe(1)
    connection.close()
  })

  it('fails at once when the first pass does', async () => {
    const directory = temporaryDirectory()
    const { signal } = new AbortController()
    const followed = follow({
      root: join(directory, 'no'),
      db: join(directory, 'index.db'),
      signal,
    })
    await expect(followed).rejects.toMatchObject({ code: 'ROOT_NOT_FOUND' })
  })
})
