import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RootIndexer, type RootIndexerOptions } from '#indexer/root-indexer.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const BLOCK_BYTES = 1000

/** A root whose runs have so many events, and what becomes of them block by block. */
function openRoot(events: Readonly<Record<string, number>>) {
  const root = temporaryDirectory()
  const db = join(root, '.turnlog', 'index.db')
  const pathOf = (run: string): string => join(root, run, 'events.jsonl')
  for (const [run, count] of Object.entries(events)) {
    mkdirSync(join(root, run))
    const lines = Array.from({ length: count }, (_, index) => eventLine(`${run}-${index}`))
    writeFileSync(pathOf(run), segmentText(...lines))
  }
  const counts: Record<string, number>[] = []
  const look = (): Record<string, number> => {
    const connection = new Database(db, { readonly: true })
    const rows = connection
      .prepare<[], [string, number]>('SELECT name, event_count FROM simulation')
      .raw()
      .all()
    connection.close()
    return Object.fromEntries(rows)
  }
  const open = (options: Partial<RootIndexerOptions> = {}): RootIndexer => {
    const indexer = new RootIndexer({ root, db, blockBytes: BLOCK_BYTES, turnBytes: 1, ...options })
    onTestFinished(() => {
      indexer.close()
    })
    return indexer
  }
  return { root, db, pathOf, counts, look, open }
}

describe('runs that are read side by side', () => {
  it('take turns, so that a long one keeps no other waiting', async () => {
    const { root, db, look, open, counts } = openRoot({ long: 100, second: 100, small: 1 })
    const indexer = open({
      onProgress: ({ events }) => {
        if (events > 0) counts.push(look())
      },
    })
    expect(await indexer.pass()).toMatchObject({ events: 201, simulations: 3, segments: 3 })
    const smallIsIn = counts.find(({ small = 0 }) => small === 1)
    expect(smallIsIn?.['long']).toBeLessThan(20)
    expect(smallIsIn?.['second']).toBeLessThan(20)
    const halfWay = counts.find(({ long = 0 }) => long >= 50)
    expect(halfWay?.['second']).toBeGreaterThan(30)
    expect(verifyRoot({ root, db }).differences).toEqual([])
  })

  it('make way for one that was read already and has grown', async () => {
    const { root, db, pathOf, look, open } = openRoot({ a: 1, b: 100 })
    let grown: Record<string, number> | undefined
    const indexer = open({
      onProgress: ({ events }) => {
        if (events === 0) return
        const counts = look()
        if (events === 1) appendFileSync(pathOf('a'), segmentText(eventLine('a-late')))
        if (counts['a'] === 2) grown ??= counts
      },
    })
    expect(await indexer.pass()).toMatchObject({ events: 102, simulations: 2, segments: 2 })
    expect(grown?.['b']).toBeLessThan(50)
    expect(verifyRoot({ root, db }).differences).toEqual([])
  })

  it('may be rotated, rewritten and deleted between two turns', async () => {
    const { root, db, pathOf, look, open } = openRoot({ a: 60, b: 60, c: 60, d: 60 })
    const sealed = pathOf('a').replace('events.jsonl', 'events_2026-01-01_00-00-00.jsonl')
    const changes = [
      () => {
        renameSync(pathOf('a'), sealed)
        writeFileSync(pathOf('a'), segmentText(eventLine('a-new')))
      },
      () => {
        writeFileSync(pathOf('b'), segmentText(eventLine('b-instead')))
      },
      () => {
        rmSync(join(root, 'c'), { recursive: true })
      },
    ]
    const indexer = open({
      onProgress: () => {
        const counts = look()
        if (Object.values(counts).some((count) => count > 20)) changes.shift()?.()
      },
    })
    await indexer.pass()
    await indexer.pass()
    expect(changes).toEqual([])
    expect(look()).toEqual({ a: 61, b: 1, d: 60 })
    expect(verifyRoot({ root, db }).differences).toEqual([])
  })

  it('end with what was there when they began, however fast others grow', async () => {
    const { root, db, pathOf, look, open } = openRoot({ a: 30, b: 30 })
    let late = 0
    const indexer = open({
      onProgress: () => {
        for (const run of ['a', 'b']) {
          const lines = Array.from({ length: 30 }, () => eventLine(`${run}-late-${++late}`))
          appendFileSync(pathOf(run), segmentText(...lines))
        }
      },
    })
    const { events } = await indexer.pass()
    expect(events).toBeLessThan(120)
    await open({}).pass()
    expect(look()).toEqual({ a: 30 + late / 2, b: 30 + late / 2 })
    expect(verifyRoot({ root, db }).differences).toEqual([])
  })

  it.each([1, 2000, 1_000_000])('end the same with turns of %d bytes', async (turnBytes) => {
    const { root, db, look, open } = openRoot({ long: 100, second: 50, small: 1 })
    const { events } = await open({ turnBytes }).pass()
    expect(events).toBe(151)
    expect(look()).toEqual({ long: 100, second: 50, small: 1 })
    expect(verifyRoot({ root, db }).differences).toEqual([])
  })
})
