import { chmodSync, cpSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { SCHEMA_VERSION } from '#src/sidecar/migrate.js'
import { fixtureRoot, rootOf } from '../support/cli-root.js'
import { DAMAGED_ROOT } from '../support/damaged-runs.js'
import { eventLine } from '../support/event-lines.js'
import { MARKET } from '../support/indexed-root.js'
import { runCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { runUnprivileged } from '../support/unprivileged.js'

describe('turnlog ls', () => {
  it('lists the runs for people and for programs', async () => {
    const { run } = await fixtureRoot()
    const { stdout } = await run('ls')
    expect(stdout).toMatch(/^run +start +turns +events +rejects +lag$/m)
    expect(stdout).toMatch(/^solo +2025-10-04T14:23:46\.423456\+00:00 +0–4 +41 +0 +0 B$/m)
    const { simulations } = JSON.parse((await run('ls', '--json')).stdout) as {
      simulations: unknown
    }
    expect(simulations).toMatchObject([
      { id: MARKET, name: 'market', event_count: 2000, lag_bytes: 0 },
      { id: 'solo', event_count: 41, first_turn: 0, last_turn: 4, reject_count: 0 },
    ])
  })

  it('counts what is not indexed', async () => {
    const { root, db, run } = await rootOf({ r: [eventLine('a')] })
    writeFileSync(join(root, 'r', 'events.jsonl'), `${eventLine('a')}\n{"torn`)
    await indexRoot({ root, db })
    expect(JSON.parse((await run('ls', '--json')).stdout)).toMatchObject({
      simulations: [{ lag_bytes: 6 }],
    })
    // Nobody sits at a terminal.
    expect((await run('ls')).stderr).toBe('')
  })

  it('says what to do where nothing is indexed', async () => {
    const { run } = await rootOf({})
    expect(await run('ls')).toMatchObject({ code: 0, stdout: '' })
    expect((await run('ls')).stderr).toContain('turnlog index')
    expect((await run('ls', '--json')).stdout).toBe('{"simulations":[]}\n')
  })
})

describe('turnlog stats', () => {
  it('counts a run', async () => {
    const { run } = await fixtureRoot()
    const stats: unknown = JSON.parse((await run('stats', 'solo', '--json')).stdout)
    expect(stats).toMatchObject({
      id: 'solo',
      event_count: 41,
      events_by_type: { MILESTONE: 7, DECISION: 13, ACTION: 12, SYSTEM: 9 },
      events_by_agent: { agent_alice: 7 },
      turns: [
        { start: 0, end: 0, count: 1 },
        { count: 12 },
        { count: 12 },
        { count: 12 },
        { start: 4, end: 4, count: 4 },
      ],
    })
    const { stdout } = await run('stats', 'solo')
    expect(stdout).toMatch(/^DECISION +13 +█{30}$/m)
    expect(stdout).toMatch(/^4 +4 +█+$/m)
  })

  it('counts all runs together', async () => {
    const { run } = await fixtureRoot()
    expect(JSON.parse((await run('stats', '--json')).stdout)).toMatchObject({
      simulations: 2,
      events: 2041,
      rejects: 0,
      start_time: '2025-10-04T14:23:45.163456+00:00',
      end_time: '2025-10-04T14:30:36.340022+00:00',
      events_by_type: { MILESTONE: 152 },
    })
    expect((await run('stats')).stdout).toMatch(/^events +2,041$/m)
  })

  it('shows a run without events', async () => {
    const { run } = await rootOf({ none: ['no event'] })
    expect((await run('stats', 'none')).stdout).toMatch(/^span +no events$/m)
  })
})

describe('turnlog show', () => {
  const line = eventLine('a', { description: 'x\u001b[2J' }).replace(
    '}',
    ',"n":1.0,"e":{},"l":[1e22,"a:b"]}',
  )

  it('prints the line as it was recorded', async () => {
    const { run } = await rootOf({ r: [line] })
    expect(await run('show', 'r', 'a', '--json')).toEqual({
      code: 0,
      stdout: `${line}\n`,
      stderr: '',
    })
  })

  it('shows it to people, in the same spelling', async () => {
    const { run } = await rootOf({ r: [line] })
    const { stdout } = await run('show', 'r', 'a')
    expect(stdout).toContain('  "n": 1.0,\n  "e": {},\n  "l": [\n    1e22,\n    "a:b"\n  ]\n}\n')
    expect(stdout).not.toContain('\u001b')
    expect(JSON.parse(stdout)).toEqual(JSON.parse(line))
  })

  it('says so when there is no such event', async () => {
    const { run } = await rootOf({ r: [line] })
    expect(await run('show', 'r', 'b')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'turnlog: simulation "r" has no event "b"\n  `turnlog events RUN` lists the events there are\n',
    })
  })
})

describe('turnlog rejects', () => {
  it('shows where each stands, why, and how it begins', async () => {
    const db = join(temporaryDirectory(), 'x.db')
    await indexRoot({ root: DAMAGED_ROOT, db })
    const flags = ['--root', DAMAGED_ROOT, '--db', db]
    const all = await runCli('rejects', '--json', ...flags)
    expect(all.stdout.trimEnd().split('\n')).toHaveLength(46)
    const { stdout } = await runCli('rejects', 'no-objects', '--json', ...flags)
    expect(JSON.parse(stdout.split('\n')[3] ?? '')).toEqual({
      simulation_id: 'no-objects',
      segment: 'events.jsonl',
      offset: 13,
      length: 7,
      reason: 'not a JSON object but "event"',
      excerpt: '"event"',
    })
    const table = await runCli('rejects', 'binary-junk', ...flags)
    expect(table.stdout).toMatch(/^binary-junk\/events\.jsonl +235 +600 +not valid UTF-8 /m)
    // eslint-disable-next-line no-control-regex -- none of these reaches a terminal
    expect(table.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  })

  it('goes without the line where its file is gone', async () => {
    const { root, run } = await rootOf({ r: ['no event'] })
    rmSync(join(root, 'r'), { recursive: true })
    expect(JSON.parse((await run('rejects', 'r', '--json')).stdout)).toMatchObject({
      excerpt: null,
    })
  })

  it("goes without the line where its name is another file's by now", async () => {
    const { root, run } = await rootOf({ r: ['secret, and no event'] })
    const active = join(root, 'r', 'events.jsonl')
    renameSync(active, join(root, 'r', 'events_2026-11-26_00-00-00.jsonl'))
    for (const text of ['', eventLine('another'), 'another that is none, and longer\n']) {
      writeFileSync(active, text)
      const { stdout } = await run('rejects', 'r', '--json')
      expect(JSON.parse(stdout)).toMatchObject({ excerpt: null })
      expect((await run('rejects', 'r')).stdout).toContain('(its file is not there)')
    }
  })

  it('gives whole characters of a longer line, and says to people that it goes on', async () => {
    const line = `${'x'.repeat(79)}é and more`
    const { run } = await rootOf({ r: [line] })
    const { stdout } = await run('rejects', 'r', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ excerpt: 'x'.repeat(79) })
    expect((await run('rejects', 'r')).stdout).toMatch(/ x+…\n$/)
  })

  it('shows any number of them in one table', async () => {
    const { run } = await rootOf({ r: Array.from({ length: 2_100 }, (_, at) => `no event ${at}`) })
    const lines = (await run('rejects', 'r')).stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(2_101)
    expect(lines.filter((line) => line.startsWith('segment'))).toHaveLength(1)
  })

  it('says that there is none', async () => {
    const { run } = await fixtureRoot()
    expect(await run('rejects')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'every line is an event\n',
    })
    expect(await run('rejects', '--json')).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

describe.each([
  ['stats', ['solo1']],
  ['events', ['solo1']],
  ['show', ['solo1', 'x']],
  ['rejects', ['solo1']],
])('turnlog %s of a run that is not there', (command, args) => {
  it('names the nearest one', async () => {
    const { run } = await fixtureRoot()
    expect(await run(command, ...args)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'turnlog: no simulation has the id "solo1"\n  did you mean solo? `turnlog ls` lists the ids there are\n',
    })
  })

  it('prints nothing that steers a terminal', async () => {
    const { run } = await fixtureRoot()
    const { stderr } = await run(command, 'x\u009b2J\u202e', ...args.slice(1))
    expect(stderr).not.toMatch(/[\u009b\u202e]/)
  })
})

describe.each([['ls'], ['stats'], ['events', 'r'], ['show', 'r', 'a'], ['rejects']])(
  'turnlog %s',
  (...command) => {
    it('says what to do without a sidecar', async () => {
      const { code, stderr } = await runCli(...command, '--root', temporaryDirectory())
      expect(code).toBe(1)
      expect(stderr).toContain('it does not exist\n  run `turnlog index` to make it')
    })

    it.each([
      [SCHEMA_VERSION + 1, /a newer turnlog wrote it .*\n {2}run `turnlog reindex`/],
      [SCHEMA_VERSION - 1, /an older turnlog wrote it .*\n {2}run `turnlog index`/],
    ])('says what to do with a sidecar of schema %s', async (version, said) => {
      const { db, run } = await rootOf({ r: [eventLine('a')] })
      const connection = new Database(db)
      connection.pragma(`user_version = ${version}`)
      connection.close()
      const { code, stderr } = await run(...command)
      expect(code).toBe(1)
      expect(stderr).toMatch(said)
    })

    it('says so when the sidecar is no database', async () => {
      const { db, run } = await rootOf({ r: [eventLine('a')] })
      rmSync(db)
      writeFileSync(db, 'This is a text, and it is long enough for whoever looks at it.'.repeat(20))
      const { code, stderr } = await run(...command)
      expect(code).toBe(1)
      expect(stderr).toMatch(/file is not a database\n.*turnlog reindex/)
    })
  },
)

describe('the commands that read', () => {
  it('say what to do in a directory that is read-only', async () => {
    const { root, db } = await rootOf({ r: [eventLine('a')] })
    const directory = temporaryDirectory()
    const copy = join(directory, 'copy.db')
    cpSync(db, copy)
    chmodSync(copy, 0o444)
    chmodSync(directory, 0o555)
    try {
      const said = runUnprivileged(
        { program: new URL('../../dist/cli/program.js', import.meta.url).href },
        `const output = { out: process.stdout, err: process.stdout }
         const args = ['events', 'r', '--json', '--root', ${JSON.stringify(root)}, '--db', argument]
         console.log('exit code', await program.runCommandLine(args, output))`,
        copy,
      )
      expect(said).toContain('SQLite keeps files beside it while it is read')
      expect(said).toContain('make its directory writable, or give --db a copy in one that is')
      expect(said).toContain('exit code 1')
    } finally {
      chmodSync(directory, 0o755)
    }
  })
})
