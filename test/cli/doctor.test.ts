import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { Diagnosis } from '#cli/doctor/diagnose.js'
import type { Finding } from '#cli/doctor/finding.js'
import { indexRoot } from '#indexer/index-root.js'
import { ProcessLock } from '#src/process-lock.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { FIXTURE, MARKET } from '../support/indexed-root.js'
import { runCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { runUnprivileged } from '../support/unprivileged.js'

interface Place {
  readonly directory: string
  readonly root: string
  readonly db: string
}

async function place(): Promise<Place> {
  const directory = temporaryDirectory()
  const at = { directory, root: join(directory, 'root'), db: join(directory, 'sidecar', 'x.db') }
  cpSync(FIXTURE, at.root, { recursive: true })
  await indexRoot({ ...at, search: true })
  return at
}

async function doctor({ root, db }: Place): Promise<{ code: number | null; bad: Finding[] }> {
  const { code, stdout } = await runCli('doctor', '--root', root, '--db', db, '--json')
  const { findings } = JSON.parse(stdout) as Diagnosis
  return { code, bad: findings.filter(({ status }) => status !== 'ok') }
}

/** Every file with its bytes, but for what SQLite itself keeps for readers. */
function filesOf(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    names
      .filter((name) => statSync(join(directory, name)).isFile() && !/-(wal|shm)$/.test(name))
      .map((name) => [name, readFileSync(join(directory, name), 'base64')]),
  )
}

describe('turnlog doctor', () => {
  it('finds nothing where there is nothing, and changes nothing', async () => {
    const at = await place()
    const before = filesOf(at.directory)
    expect(await doctor(at)).toEqual({ code: 0, bad: [] })
    expect(filesOf(at.directory)).toEqual(before)
    const { stdout } = await runCli('doctor', '--root', at.root, '--db', at.db)
    expect(stdout).toMatch(/^ok {7}root: /)
    expect(stdout).toMatch(/^ok {7}versions: turnlog .+ \(schema 2\), Node.js 20.+, SQLite 3/m)
  })

  it('says once that there is no root', async () => {
    const at = await place()
    rmSync(at.root, { recursive: true })
    const { code, bad } = await doctor(at)
    expect(code).toBe(1)
    expect(bad).toMatchObject([{ check: 'root', status: 'problem', message: /it does not exist/ }])
  })

  it.each([
    ['is no database', 'dear diary', /it is not a turnlog sidecar|file is not a database/],
    ['is missing', undefined, /^there is no /],
  ])('says that the sidecar %s', async (_what, text, message) => {
    const at = await place()
    rmSync(join(at.db, '..'), { recursive: true })
    mkdirSync(join(at.db, '..'))
    if (text !== undefined) writeFileSync(at.db, text)
    const { bad } = await doctor(at)
    expect(bad).toMatchObject([
      { check: 'sidecar', message: expect.stringMatching(message) as string },
    ])
  })

  it.each([
    [99, 'a newer turnlog wrote it (schema 99, this one reads 2)', 'turnlog reindex'],
    [1, 'an older turnlog wrote it (schema 1, this one reads 2)', 'turnlog index'],
  ])('names the way out of schema %d', async (version, message, hint) => {
    const at = await place()
    const sidecar = new Database(at.db)
    sidecar.pragma(`user_version = ${version}`)
    sidecar.close()
    const { code, bad } = await doctor(at)
    expect(code).toBe(1)
    expect(bad).toMatchObject([
      {
        check: 'sidecar',
        status: 'problem',
        message: expect.stringContaining(message) as string,
        hint: expect.stringContaining(hint) as string,
      },
    ])
  })

  it('tells of locks, leftovers, torn tails, rejects, lag and clocks', async () => {
    const at = await place()
    appendFileSync(join(at.root, 'solo', 'events.jsonl'), 'junk\n')
    mkdirSync(join(at.root, 'late'))
    writeFileSync(
      join(at.root, 'late', 'events.jsonl'),
      segmentText(eventLine('x').replace(/"timestamp":"\d{4}/, '"timestamp":"2199')),
    )
    await indexRoot(at)
    appendFileSync(join(at.root, MARKET, 'events.jsonl'), 'torn')
    writeFileSync(`${at.db}.rebuild`, 'half a sidecar')
    const [left, going] = ['left', 'going'].map((name) =>
      join(at.root, '.turnlog', `import-${name}`),
    )
    mkdirSync(join(left ?? '', 'run'), { recursive: true })
    const importing = ProcessLock.tryAcquire(join(going ?? '', 'run', '.writer.lock'))
    const lock = ProcessLock.tryAcquire(`${at.db}.lock`)
    const writer = ProcessLock.tryAcquire(join(at.root, 'late', '.writer.lock'))
    const { code, bad } = await doctor(at)
    const { stdout } = await runCli('doctor', '--root', at.root, '--db', at.db)
    lock?.release()
    writer?.release()
    importing?.release()
    expect(code).toBe(0)
    const said = bad.map(({ check, message }) => `${check}: ${message}`)
    const size = statSync(join(at.root, MARKET, 'events.jsonl')).size
    expect(said).toEqual([
      'indexer lock: an indexer is at work on the sidecar',
      `leftovers: ${at.db}.rebuild (14 B) was left by a reindex that was killed`,
      `leftovers: ${left} was left by an import that was killed`,
      'lag: 4 B of 1 run are not indexed',
      'rejects: 1 line of solo could not be read as events',
      'clock: late has events from the future',
      `torn tails: ${MARKET}/events.jsonl ends within a line, at ${size}`,
    ])
    expect(stdout).toContain('writers: 1 run being recorded: late')
  })

  it('looks at what may not be read or written', async () => {
    const at = await place()
    chmodSync(join(at.root, 'solo'), 0)
    chmodSync(join(at.root, MARKET, 'events.jsonl'), 0)
    chmodSync(join(at.db, '..'), 0o555)
    const said = runUnprivileged(
      { doctor: new URL('../../dist/cli/doctor/diagnose.js', import.meta.url).href },
      'process.stdout.write(JSON.stringify(doctor.diagnose(JSON.parse(argument))))',
      JSON.stringify(at),
    )
    chmodSync(join(at.db, '..'), 0o755)
    chmodSync(join(at.root, 'solo'), 0o755)
    const { findings } = JSON.parse(said) as Diagnosis
    const problems = findings.filter(({ status }) => status === 'problem')
    expect(problems.map(({ check, message }) => `${check}: ${message}`)).toEqual(
      expect.arrayContaining([
        `runs: ${join(at.root, 'solo')} cannot be read (EACCES)`,
        `runs: ${join(at.root, MARKET, 'events.jsonl')} cannot be read`,
        `sidecar directory: ${join(at.db, '..')} cannot be written`,
      ]),
    )
    expect(findings.some(({ check }) => check === 'versions')).toBe(true)
  })
})
