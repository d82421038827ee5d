import { spawnSync } from 'node:child_process'
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { DAMAGED_ROOT, damagedRuns } from '../support/damaged-runs.js'
import { dumpSidecar } from '../support/sidecar-dump.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { runUnprivileged } from '../support/unprivileged.js'

const GOOD_LINE =
  '{"event_id":"good","timestamp":"2026-01-01T00:00:00.000000+00:00","turn_number":0,"event_type":"MILESTONE"}'

/** A root with one good run, to see that it is served whatever else lies there. */
function rootWithGoodRun(): { root: string; db: string } {
  const directory = temporaryDirectory()
  const root = join(directory, 'root')
  mkdirSync(join(root, 'good'), { recursive: true })
  writeFileSync(join(root, 'good', 'events.jsonl'), `${GOOD_LINE}\n`)
  return { root, db: join(directory, 'index.db') }
}

/** Everything on disk below a root: names, bytes and times. */
function snapshot(root: string): unknown {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path, readFileSync(path, 'latin1'), statSync(path).mtimeMs]
    })
}

describe('a damaged run', () => {
  const runs = damagedRuns()

  it('is in the fixtures for every kind of damage', () => {
    expect(runs.map(({ id }) => id)).toEqual(
      readdirSync(DAMAGED_ROOT).filter((name) => name !== 'README.md'),
    )
  })

  it.each(runs)(
    '$id gives $events events, $rejects rejects, $duplicates duplicates',
    async (run) => {
      const { root, db } = rootWithGoodRun()
      cpSync(join(DAMAGED_ROOT, run.id), join(root, run.id), { recursive: true })
      const before = snapshot(root)

      const report = await indexRoot({ root, db })

      expect(report).toMatchObject({
        simulations: 2,
        events: run.events + 1,
        rejects: run.rejects,
        duplicates: run.duplicates,
        problems: [],
      })
      const { rejects, events, segments } = dumpSidecar(db)
      expect(rejects).toHaveLength(run.rejects)
      for (const { segment, offset, length, reason } of rejects) {
        const file = readFileSync(join(root, run.id, segment))
        expect(file[offset + length], 'a reject ends at a newline').toBe(0x0a)
        expect(offset === 0 || file[offset - 1] === 0x0a, 'and starts behind one').toBe(true)
        expect(reason).not.toBe('')
      }
      expect(
        events.filter(({ simulation }) => simulation === 'good').map(({ line }) => line),
      ).toEqual([GOOD_LINE])
      const torn = (segments as { simulation: string; size: number; checkpoint: number }[])
        .filter(({ simulation }) => simulation === run.id)
        .reduce((sum, { size, checkpoint }) => sum + size - checkpoint, 0)
      expect(torn).toBe(run.torn)
      expect(snapshot(root), 'nothing on disk changes').toEqual(before)
      expect(verifyRoot({ root, db })).toMatchObject({ equal: true, differences: [] })
    },
  )
})

describe('a root', () => {
  it('that does not exist, or is a file, is refused with what to do', async () => {
    const { root, db } = rootWithGoodRun()
    await expect(indexRoot({ root: join(root, 'nowhere'), db })).rejects.toMatchObject({
      code: 'ROOT_NOT_FOUND',
      message: expect.stringContaining('it does not exist') as string,
      hint: expect.stringContaining('--root') as string,
    })
    await expect(indexRoot({ root: join(root, 'good', 'events.jsonl'), db })).rejects.toMatchObject(
      {
        code: 'ROOT_NOT_FOUND',
        message: expect.stringContaining('not a directory') as string,
      },
    )
  })

  it('may hold files, empty directories and directories without event files', async () => {
    const { root, db } = rootWithGoodRun()
    writeFileSync(join(root, 'events.jsonl'), `${GOOD_LINE}\n`)
    mkdirSync(join(root, 'empty'))
    mkdirSync(join(root, 'notes', 'deeper'), { recursive: true })
    writeFileSync(join(root, 'notes', 'readme.txt'), 'hello')
    writeFileSync(join(root, 'notes', 'deeper', 'events.jsonl'), `${GOOD_LINE}\n`)
    expect(await indexRoot({ root, db })).toMatchObject({ simulations: 1, events: 1, problems: [] })
  })
})

describe('a file that cannot be read', () => {
  it('is reported, keeps what is indexed of it, and stops nothing else', () => {
    const { root, db } = rootWithGoodRun()
    const output = runUnprivileged(
      {
        fs: 'node:fs',
        index: new URL('../../dist/indexer/index-root.js', import.meta.url).href,
      },
      `const { root, db, line } = JSON.parse(argument)
       fs.mkdirSync(root + '/other')
       fs.writeFileSync(root + '/other/events.jsonl', line + '\\n')
       const first = await index.indexRoot({ root, db })
       fs.appendFileSync(root + '/good/events.jsonl', line.replace('good', 'better') + '\\n')
       fs.appendFileSync(root + '/other/events.jsonl', line.replace('good', 'better') + '\\n')
       fs.chmodSync(root + '/other/events.jsonl', 0)
       const second = await index.indexRoot({ root, db })
       fs.chmodSync(root + '/other', 0)
       const third = await index.indexRoot({ root, db })
       fs.chmodSync(root + '/other', 0o700)
       fs.chmodSync(root + '/other/events.jsonl', 0o600)
       const fourth = await index.indexRoot({ root, db })
       process.stdout.write(JSON.stringify([first, second, third, fourth]))`,
      JSON.stringify({ root, db, line: GOOD_LINE }),
    )
    const [first, second, third, fourth] = JSON.parse(output) as unknown[]
    expect(first).toMatchObject({ events: 2, problems: [] })
    expect(second).toMatchObject({
      events: 1,
      problems: [{ path: join(root, 'other', 'events.jsonl'), message: 'cannot be read (EACCES)' }],
      total: { events: 3 },
    })
    expect(third).toMatchObject({
      events: 0,
      removed: 0,
      problems: [{ path: join(root, 'other'), message: 'cannot be read (EACCES)' }],
      total: { events: 3 },
    })
    expect(fourth).toMatchObject({ events: 1, problems: [], total: { events: 4 } })
  })
})

describe('a line of 100 MB', () => {
  it('is a reject, and is never held in memory', () => {
    const { root, db } = rootWithGoodRun()
    const path = join(root, 'good', 'events.jsonl')
    const length = 100 * 1024 * 1024
    appendLongLine(path, length)
    const script = fileURLToPath(new URL('../support/index-and-measure.mjs', import.meta.url))

    const baseline = measure(script, root, `${db}.baseline`, '1')
    const result = measure(script, root, db)

    expect(result.report).toMatchObject({ events: 2, rejects: 1 })
    expect(dumpSidecar(db).rejects).toEqual([
      {
        simulation: 'good',
        segment: 'events.jsonl',
        offset: GOOD_LINE.length + 1,
        length,
        reason: expect.stringContaining('longer than') as string,
      },
    ])
    expect(result.maxRssBytes - baseline.maxRssBytes).toBeLessThan(32 * 1024 * 1024)
    expect(verifyRoot({ root, db }).equal).toBe(true)
  })
})

function appendLongLine(path: string, length: number): void {
  const fd = openSync(path, 'a')
  const head = '{"event_id":"long","note":"'
  writeSync(fd, head)
  const chunk = Buffer.alloc(1024 * 1024, 'x')
  let rest = length - head.length - 2
  while (rest > 0) rest -= writeSync(fd, chunk.subarray(0, Math.min(rest, chunk.length)))
  writeSync(fd, `"}\n${GOOD_LINE.replace('good', 'after')}\n`)
  closeSync(fd)
}

interface Measurement {
  readonly report: unknown
  readonly maxRssBytes: number
}

/** Indexes in a process with a small heap and tells how much memory that took. */
function measure(script: string, ...args: string[]): Measurement {
  const run = spawnSync(process.execPath, ['--max-old-space-size=64', script, ...args], {
    encoding: 'utf8',
  })
  expect(run.stderr).toBe('')
  return JSON.parse(run.stdout) as Measurement
}
