import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { reindexRoot } from '#indexer/reindex.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { SidecarReader } from '#src/sidecar/sidecar-reader.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const FIXTURE = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))

function emptyPlace(): { root: string; db: string } {
  return { root: FIXTURE, db: join(temporaryDirectory(), 'index.db') }
}

describe('reindexRoot', () => {
  it('builds a sidecar that says what the files say', async () => {
    const place = emptyPlace()
    expect(await reindexRoot(place)).toMatchObject({
      simulations: 2,
      segments: 7,
      events: 2041,
      rejects: 0,
      duplicates: 0,
      total: { events: 2041 },
    })
    expect(verifyRoot(place)).toMatchObject({ equal: true, events: 2041 })
    expect(await indexRoot(place)).toMatchObject({ events: 0, bytes: 0 })
    const left = readdirSync(join(place.db, '..')).filter((name) => !name.endsWith('.lock'))
    expect(left).toEqual(['index.db'])
  })

  it('repairs a sidecar that says something else', async () => {
    const place = emptyPlace()
    await indexRoot(place)
    const db = new Database(place.db)
    db.exec('DELETE FROM event WHERE id % 2 = 0')
    db.close()
    expect(verifyRoot(place).equal).toBe(false)
    await reindexRoot(place)
    expect(verifyRoot(place).equal).toBe(true)
  })

  it('fails no read while files are swapped under readers', async () => {
    const place = emptyPlace()
    await indexRoot(place)
    const reader = new SidecarReader(place.db)
    let over = false
    let reads = 0
    const read = async (): Promise<void> => {
      while (!over) {
        const rows = await reader.read((snapshot) =>
          snapshot
            .selectFrom('event')
            .select(({ fn }) => fn.countAll<number>().as('n'))
            .execute(),
        )
        expect(rows).toEqual([{ n: 2041 }])
        reads++
        await new Promise(setImmediate)
      }
    }
    const readers = [read(), read()]
    for (let swap = 0; swap < 6; swap++) {
      const before = reads
      await reindexRoot(place)
      while (reads === before) await new Promise(setImmediate)
    }
    over = true
    await Promise.all(readers)
    await reader.close()
    expect(reads).toBeGreaterThan(6)
  })

  it('is not disturbed by what a killed one left', async () => {
    const place = emptyPlace()
    writeFileSync(`${place.db}.rebuild`, 'half a sidecar')
    writeFileSync(`${place.db}.rebuild-journal`, 'half a journal')
    await reindexRoot(place)
    expect(verifyRoot(place).equal).toBe(true)
    expect(existsSync(`${place.db}.rebuild`)).toBe(false)
  })

  it('mends a sidecar that is damaged', async () => {
    const place = emptyPlace()
    await indexRoot(place)
    const bytes = readFileSync(place.db)
    writeFileSync(place.db, bytes.fill(0x55, 4096))
    await reindexRoot(place)
    expect(verifyRoot(place).equal).toBe(true)
  })

  it.each([
    [
      'a text',
      (path: string) => {
        writeFileSync(path, 'dear diary')
      },
    ],
    [
      "somebody's database",
      (path: string) => {
        const db = new Database(path)
        db.exec('CREATE TABLE diary (entry)')
        db.close()
      },
    ],
  ])('does not replace %s', async (_what, make) => {
    const place = emptyPlace()
    make(place.db)
    const before = readFileSync(place.db)
    await expect(reindexRoot(place)).rejects.toMatchObject({
      code: 'SIDECAR_UNREADABLE',
      message: expect.stringContaining('not a turnlog sidecar') as string,
    })
    expect(readFileSync(place.db)).toEqual(before)
  })

  it('answers before it is searchable, and is continued when it is interrupted there', async () => {
    const place = emptyPlace()
    await indexRoot({ ...place, search: true })
    const answers: unknown[] = []
    const count = (): unknown => {
      const db = new Database(place.db, { readonly: true })
      const row = db
        .prepare('SELECT (SELECT count(*) FROM event) AS rows, events FROM search_progress')
        .get()
      db.close()
      return row
    }
    const interrupted = reindexRoot({
      ...place,
      search: true,
      onSearchProgress: () => {
        answers.push(count())
        throw new Error('interrupted')
      },
    })
    await expect(interrupted).rejects.toThrow('interrupted')
    expect(answers).toEqual([{ rows: 2041, events: 0 }])
    expect(verifyRoot(place).equal).toBe(true)
    expect(await indexRoot({ ...place, search: true })).toMatchObject({
      events: 0,
      search: { events: 2041 },
    })
    expect(count()).toEqual({ rows: 2041, events: 2041 })
    expect(await reindexRoot({ ...place, search: true })).toMatchObject({
      events: 2041,
      search: { events: 2041 },
    })
    expect(verifyRoot(place).equal).toBe(true)
  })

  it('lets one run at a time', async () => {
    const place = emptyPlace()
    const outcomes = await Promise.allSettled([reindexRoot(place), reindexRoot(place)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'SIDECAR_LOCKED' },
    })
    expect(verifyRoot(place).equal).toBe(true)
  })

  it('leaves the old sidecar in place when it fails', async () => {
    const directory = temporaryDirectory()
    const root = join(directory, 'root')
    mkdirSync(root)
    cpSync(join(FIXTURE, 'solo'), join(root, 'solo'), { recursive: true })
    const db = join(directory, 'index.db')
    await indexRoot({ root, db })
    await expect(reindexRoot({ root: join(root, 'gone'), db })).rejects.toMatchObject({
      code: 'ROOT_NOT_FOUND',
    })
    expect(verifyRoot({ root, db })).toMatchObject({ equal: true, events: 41 })
    expect(existsSync(`${db}.rebuild`)).toBe(false)
  })
})
