import { describe, expect, it } from 'vitest'
import type { SearchProgress } from '#indexer/build-search-index.js'
import { indexRoot } from '#indexer/index-root.js'
import type { IngestProgress } from '#indexer/ingest-progress.js'
import { reindexRoot } from '#indexer/reindex.js'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryDirectory } from '../support/temporary-directory.js'

const root = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))
const TOTAL = { bytes: 845_278, events: 2_041 }

describe('the progress of a pass', () => {
  it('goes from nothing to everything, and never back', async () => {
    const db = join(temporaryDirectory(), 'index.db')
    const told: IngestProgress[] = []
    const onProgress = (progress: IngestProgress): number => told.push(progress)
    await indexRoot({ root, db, blockBytes: 50_000, onProgress })
    expect(told[0]).toEqual({ bytes: 0, totalBytes: TOTAL.bytes, events: 0 })
    expect(told.at(-1)).toEqual({ ...TOTAL, totalBytes: TOTAL.bytes })
    expect(told.length).toBeGreaterThan(15)
    const bytes = told.map((progress) => progress.bytes)
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b))

    told.length = 0
    await indexRoot({ root, db, onProgress })
    expect(told.at(-1)).toEqual({ bytes: TOTAL.bytes, totalBytes: TOTAL.bytes, events: 0 })

    told.length = 0
    await reindexRoot({ root, db, onProgress })
    expect(told.some(({ events }) => events === TOTAL.events)).toBe(true)
  })
})

describe('the progress of the full-text index', () => {
  it('begins when everything is read, and ends when everything is searchable', async () => {
    const db = join(temporaryDirectory(), 'index.db')
    const told: (IngestProgress | SearchProgress)[] = []
    const onProgress = (progress: IngestProgress): number => told.push(progress)
    const onSearchProgress = (progress: SearchProgress): number => told.push(progress)
    const report = await indexRoot({ root, db, search: true, onProgress, onSearchProgress })
    expect(report.search).toEqual({ events: TOTAL.events, seconds: expect.any(Number) as number })
    const begun = told.findIndex((progress) => 'totalEvents' in progress)
    expect(told[begun - 1]).toEqual({ ...TOTAL, totalBytes: TOTAL.bytes })
    expect(told.slice(begun)).toEqual([
      { events: 0, totalEvents: TOTAL.events },
      { events: TOTAL.events, totalEvents: TOTAL.events },
    ])

    told.length = 0
    await indexRoot({ root, db, search: true, onSearchProgress })
    expect(told).toEqual([{ events: 0, totalEvents: 0 }])
    expect(await indexRoot({ root, db, onSearchProgress })).not.toHaveProperty('search')
  })
})
