import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { follow } from '#indexer/follow.js'
import { indexRoot } from '#indexer/index-root.js'
import { reindexRoot } from '#indexer/reindex.js'
import { ProcessLock } from '#src/process-lock.js'
import { SidecarReader } from '#src/sidecar/sidecar-reader.js'
import { eventLine } from '../support/event-lines.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { TestRoot } from '../support/test-root.js'

describe('a root that does not exist', () => {
  const { signal } = new AbortController()
  it.each([
    ['indexRoot', indexRoot],
    ['reindexRoot', reindexRoot],
    ['follow', (place: { root: string; db: string }) => follow({ ...place, signal })],
  ])('is not made by %s, for the sake of a sidecar in it', async (_name, run) => {
    const root = join(temporaryDirectory(), 'mispelled')
    const outcome = run({ root, db: join(root, '.turnlog', 'index.db') })
    await expect(outcome).rejects.toMatchObject({ code: 'ROOT_NOT_FOUND' })
    expect(existsSync(root)).toBe(false)
  })
})

describe('a sidecar', () => {
  it('can be deleted without its log while another process has it open', async () => {
    const test = new TestRoot()
    const lines = Array.from({ length: 3000 }, (_, at) => eventLine(`event-${at}`))
    test.write('events.jsonl', ...lines)
    await test.index()
    const reader = spawn(process.execPath, ['--input-type=module', '--eval', READER, test.db], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    onTestFinished(() => {
      reader.kill()
    })
    const answers = createInterface(reader.stdout)[Symbol.asyncIterator]()
    expect(await answers.next()).toMatchObject({ value: '3000' })
    test.write('events.jsonl', ...lines, eventLine('later'))
    await test.index()
    expect(existsSync(`${test.db}-wal`)).toBe(true)

    rmSync(test.db)
    expect(await test.index()).toMatchObject({ total: { events: 3001 } })
    expect(test.lines()).toHaveLength(3001)
    reader.stdin.write('again\n')
    expect(await answers.next()).toMatchObject({ value: '3001' })
  })

  it('is waited for without holding up the thread', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', eventLine('a'))
    const lock = ProcessLock.tryAcquire(`${test.db}.lock`)
    const indexed = test.index()
    setImmediate(() => lock?.release())
    expect(await indexed).toMatchObject({ events: 1 })
  })

  it('that is damaged inside is named as such, and a reindex mends it', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', ...Array.from({ length: 2000 }, (_, at) => eventLine(`event-${at}`)))
    await test.index()
    const pages = readFileSync(test.db)
    writeFileSync(test.db, pages.fill(0x55, 30 * 4096))
    test.write('events.jsonl', eventLine('event-0'))
    await expect(test.index()).rejects.toMatchObject({
      name: 'TurnlogError',
      code: 'SIDECAR_UNREADABLE',
      hint: expect.stringContaining('reindex') as string,
    })
    await reindexRoot(test)
    expect(test.lines()).toHaveLength(1)
  })

  it('is replaced while a read of it is under way, without waiting for that to end', async () => {
    const test = new TestRoot()
    test.write('events.jsonl', eventLine('a'))
    await test.index()
    const reader = new SidecarReader(test.db)
    await reader.read((snapshot) => snapshot.selectFrom('event').select('id').execute())
    test.write('events.jsonl', eventLine('a'), eventLine('b'))
    await test.index()
    await reader.read(async (snapshot) => {
      const before = await snapshot.selectFrom('event').select('event_id').execute()
      await reindexRoot(test)
      expect(await snapshot.selectFrom('event').select('event_id').execute()).toEqual(before)
    })
    await reader.close()
    expect(test.lines()).toHaveLength(2)
  }, 20_000)
})

const READER = `
  import Database from 'better-sqlite3'
  const db = new Database(process.argv[1], { readonly: true })
  const answer = () => console.log(db.prepare('SELECT count(*) FROM event').pluck().get())
  answer()
  process.stdin.on('data', answer)`
