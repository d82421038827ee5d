import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { FIXTURE, MARKET } from '../support/indexed-root.js'
import { runCli, runWithFileLimit, startCli, type CommandResult } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

interface Place {
  readonly root: string
  readonly db: string
}

async function place(): Promise<Place> {
  const directory = temporaryDirectory()
  const at = { root: join(directory, 'root'), db: join(directory, 'sidecar', 'x.db') }
  cpSync(FIXTURE, at.root, { recursive: true })
  await indexRoot(at)
  return at
}

/** Runs a command on a place, and makes sure that no segment changed. */
async function run({ root, db }: Place, ...args: string[]): Promise<CommandResult> {
  const before = segmentsIn(root)
  const result = await runCli(...args, '--root', root, '--db', db)
  expect(segmentsIn(root)).toEqual(before)
  return result
}

function segmentsIn(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => `${path} ${readFileSync(path, 'base64')}`)
}

describe('a sidecar of a newer turnlog', () => {
  it('is refused with reindex as the way out, which is one', async () => {
    const at = await place()
    const sidecar = new Database(at.db)
    sidecar.pragma('user_version = 99')
    sidecar.close()
    for (const args of [['index'], ['verify'], ['reindex', 'solo']]) {
      const { code, stderr } = await run(at, ...args)
      expect({ args, code }).toEqual({ args, code: 1 })
      expect(stderr).toContain('a newer turnlog wrote it (schema 99, this one reads 2)')
      expect(stderr).toContain('turnlog reindex')
    }
    expect((await run(at, 'reindex')).code).toBe(0)
    expect((await run(at, 'verify')).code).toBe(0)
  })
})

describe('a file that is no sidecar', () => {
  it('is neither read nor replaced', async () => {
    const at = await place()
    for (const suffix of ['-wal', '-shm']) rmSync(at.db + suffix, { force: true })
    writeFileSync(at.db, 'dear diary, '.repeat(1000))
    const commands = [
      ['index'],
      ['verify'],
      ['reindex'],
      ['reindex', '--dry-run'],
      ['reindex', 'solo'],
    ]
    for (const args of commands) {
      const { code, stderr } = await run(at, ...args)
      expect({ args, code }).toEqual({ args, code: 1 })
      expect(stderr).toMatch(/not a (turnlog sidecar|database)/)
      expect(stderr).not.toContain('    at ')
    }
    expect(readFileSync(at.db, 'utf8')).toMatch(/^dear diary/)
  })

  it.each(['index', 'verify', 'ls', 'sql'])(
    'may be a directory, which %s says',
    async (command) => {
      const { root, db } = await place()
      const args = command === 'sql' ? ['sql', 'SELECT 1'] : [command]
      const { code, stderr } = await run({ root, db: join(db, '..') }, ...args)
      expect({ code, stderr }).toMatchObject({ code: 1 })
      expect(stderr).toContain('it is a directory')
    },
  )
})

describe('a disk that takes no more of a file', () => {
  it('ends index and reindex with what to do, and what answers goes on answering', async () => {
    const at = await place()
    const flags = ['--root', at.root, '--db', at.db]
    for (const args of [['reindex'], ['reindex', MARKET]]) {
      const { code, stderr } = await runWithFileLimit(600, ...args, ...flags)
      expect({ args, code }).toEqual({ args, code: 1 })
      expect(stderr).toMatch(/^turnlog: write the sidecar \S+: /)
      expect(stderr).toContain('the disk has room')
      expect(await run(at, 'verify')).toMatchObject({ code: 0 })
    }
    const fresh = ['--root', at.root, '--db', join(temporaryDirectory(), 'x.db')]
    expect(await runWithFileLimit(600, 'index', ...fresh)).toMatchObject({ code: 1, stdout: '' })
  })
})

/** Whether a small file system can be made here, for the disk that is really full. */
function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'turnlog-test-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'ignore' })
    execFileSync('umount', [directory])
    return true
  } catch {
    return false
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe.skipIf(!canMount())('a full disk', () => {
  function smallDisk(kilobytes: number): string {
    const directory = join(temporaryDirectory(), 'disk')
    mkdirSync(directory)
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', directory])
    onTestFinished(() => {
      execFileSync('umount', [directory])
    })
    return directory
  }

  it('is said, and what answers goes on answering', async () => {
    const at = { root: (await place()).root, db: join(smallDisk(8_000), 'x.db') }
    await indexRoot(at)
    const { bavail, bsize } = statfsSync(join(at.db, '..'))
    writeFileSync(join(at.db, '..', 'filler'), Buffer.alloc(bavail * bsize - 300_000))
    for (const args of [['reindex'], ['reindex', MARKET]]) {
      const { code, stderr } = await run(at, ...args)
      expect({ args, code }).toEqual({ args, code: 1 })
      expect(stderr).toMatch(/^turnlog: write the sidecar \S+: database or disk is full/)
      expect(stderr).toContain('the disk has room')
      expect(await run(at, 'verify')).toMatchObject({ code: 0 })
    }
    const left = readdirSync(join(at.db, '..')).filter((name) => name.includes('rebuild'))
    expect(left).toEqual(['x.db.rebuild.lock'])
    const { stdout } = await run(at, 'doctor')
    expect(stdout).toMatch(/^problem {2}disk: only \d/m)
  })

  it('leaves index with what fits', async () => {
    const at = { root: (await place()).root, db: join(smallDisk(600), 'x.db') }
    const { code, stderr } = await run(at, 'index')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^turnlog: write the sidecar \S+: database or disk is full/)
  })
})

describe('Ctrl-C', () => {
  it('ends a reindex with 130, and the sidecar is a whole one', async () => {
    const at = await place()
    for (let copy = 0; copy < 30; copy++) {
      cpSync(join(at.root, MARKET), join(at.root, `copy-${copy}`), { recursive: true })
    }
    const command = startCli('reindex', '--root', at.root, '--db', at.db)
    while (!readdirSync(join(at.db, '..')).includes('x.db.rebuild')) {
      await new Promise(setImmediate)
    }
    expect(await command.stop('SIGINT')).toBe(130)
    expect(command.printedErrors()).toContain('turnlog: interrupted; ')
    expect(readdirSync(join(at.db, '..'))).not.toContain('x.db.rebuild')
    const { stdout } = await run(at, 'verify', 'solo')
    expect(stdout).toMatch(/^equal: /)
  })
})
