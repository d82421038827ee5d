import { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { eventLine, segmentText } from '../support/event-lines.js'
import { eventually } from '../support/eventually.js'
import { runCli, startCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const FIXTURE = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))
const MARKET = 'market-20251004-142345-6agents'

function place(): { root: string; db: string; flags: string[] } {
  const db = join(temporaryDirectory(), 'x.db')
  return { root: FIXTURE, db, flags: ['--root', FIXTURE, '--db', db] }
}

describe('turnlog index, reindex and verify', () => {
  it('report what scripts rely on', async () => {
    const { flags } = place()
    const counts = { simulations: 2, segments: 7, rejects: 0, duplicates: 0 }
    const first = await runCli('index', ...flags, '--json')
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(first.stdout)).toMatchObject({ ...counts, events: 2041, bytes: 845_278 })
    expect(JSON.parse(first.stdout)).toHaveProperty('seconds', expect.any(Number))

    const second = await runCli('index', ...flags, '--json')
    expect(JSON.parse(second.stdout)).toMatchObject({ ...counts, events: 0, bytes: 0 })

    const verified = await runCli('verify', ...flags, '--json')
    expect(verified.code).toBe(0)
    expect(JSON.parse(verified.stdout)).toMatchObject({ ...counts, events: 2041, equal: true })

    const rebuilt = await runCli('reindex', ...flags, '--json')
    expect(rebuilt.code).toBe(0)
    expect(JSON.parse(rebuilt.stdout)).toMatchObject({ ...counts, events: 2041 })
  })

  it('say the same to people', async () => {
    const { flags } = place()
    const index = await runCli('index', ...flags)
    expect(index.stdout).toContain(
      'read 2,041 new events (845 kB) from 2 simulations in 7 segments',
    )
    expect((await runCli('reindex', ...flags)).stdout).toContain('the sidecar holds 2,041 events')
    expect((await runCli('verify', ...flags)).stdout).toMatch(/^equal: .* 2,041 events/)
  })

  it('make events searchable unless told not to', async () => {
    const { db, flags } = place()
    const searchable = (): unknown => {
      const connection = new Database(db, { readonly: true })
      const events = connection.prepare('SELECT events FROM search_progress').pluck().get()
      connection.close()
      return events
    }
    const without = await runCli('index', ...flags, '--no-search')
    expect(without.stdout).not.toContain('searchable')
    expect(searchable()).toBe(0)
    const index = await runCli('index', ...flags)
    expect(index.stdout).toMatch(/^made 2,041 events searchable, in [\d.]+ s$/m)
    expect(searchable()).toBe(2041)
    expect((await runCli('reindex', ...flags, '--no-search')).code).toBe(0)
    expect(searchable()).toBe(0)
    const reindex = await runCli('reindex', ...flags, '--json')
    expect(JSON.parse(reindex.stdout)).toMatchObject({ search: { events: 2041 } })
    expect(searchable()).toBe(2041)
    expect((await runCli('verify', ...flags)).code).toBe(0)
  })

  it('exit with 1 where the sidecar differs, and say where', async () => {
    const { db, flags } = place()
    await runCli('index', ...flags)
    const connection = new Database(db)
    connection.exec('UPDATE event SET turn = turn + 1 WHERE id = 1')
    connection.close()
    const verified = await runCli('verify', ...flags)
    expect(verified.code).toBe(1)
    expect(verified.stdout).toMatch(/not equal: \d+ differences/)
    expect(verified.stdout).toContain(`${MARKET}/events_2026-11-23_07-40-23-114144.jsonl at 0: `)
  })

  it('put the sidecar beside the runs unless told otherwise', async () => {
    const root = join(temporaryDirectory(), 'output')
    cpSync(FIXTURE, root, { recursive: true })
    expect((await runCli('index', '--root', root)).code).toBe(0)
    const db = join(root, '.turnlog', 'index.db')
    const counted = new Database(db, { readonly: true })
      .prepare('SELECT count(*) FROM events')
      .pluck()
    expect(counted.get()).toBe(2041)
    expect((await runCli('verify', '--root', root)).code).toBe(0)
  })

  it('index --follow prints an object for each pass that read something', async () => {
    const root = temporaryDirectory()
    mkdirSync(join(root, 'run'))
    const path = join(root, 'run', 'events.jsonl')
    writeFileSync(path, segmentText(eventLine('a')))
    const following = startCli('index', '--root', root, '--follow', '--json')
    await following.output(/"events":1,/)
    appendFileSync(path, segmentText(eventLine('b'), eventLine('c')))
    await following.output(/"events":2,/)
    expect(await following.stop()).toBe(0)
  })
})

describe('turnlog serve', () => {
  it('serves the files of the reference system', async () => {
    const { flags } = place()
    const serving = startCli('serve', ...flags, '--port', '0')
    const [, url = ''] = await serving.output(/^listening on (http:\/\/127\.0\.0\.1:\d+)$/m)
    const total = async (query: string): Promise<unknown> => {
      const response = await fetch(`${url}/simulations/${MARKET}/events?${query}`)
      return ((await response.json()) as { total: unknown }).total
    }
    expect(await total('event_types=ENV')).toBe(487)
    expect(await total('event_types=STATE')).toBe(487)
    expect(await total('')).toBe(2000)
    expect(await serving.stop()).toBe(0)
  })

  it('follows: what is written is in the API at once', async () => {
    const root = temporaryDirectory()
    mkdirSync(join(root, 'run'))
    const path = join(root, 'run', 'events.jsonl')
    writeFileSync(path, segmentText(eventLine('a')))
    const serving = startCli('serve', '--root', root, '--port', '0')
    const [, url = ''] = await serving.output(/^listening on (\S+)$/m)
    const get = async (at: string): Promise<string> => (await fetch(`${url}${at}`)).text()
    expect(await get('/simulations/run/events/a')).toBe(eventLine('a'))
    appendFileSync(path, segmentText(eventLine('b')))
    await eventually(async () => {
      expect(await get('/simulations/run/events/b')).toBe(eventLine('b'))
    })
    await eventually(async () => {
      expect(JSON.parse(await get('/health'))).toMatchObject({
        status: 'healthy',
        events: 2,
        lag_bytes: 0,
        search_lag_events: 0,
        index: { following: true, problem: null, events_read: 2 },
      })
    })
    expect(await get('/metrics')).toMatch(/^turnlog_read_events_total 2$/m)
    expect(await serving.stop('SIGINT')).toBe(0)
  })

  it('--no-search makes nothing searchable', async () => {
    const { flags } = place()
    const serving = startCli('serve', ...flags, '--port', '0', '--no-search')
    const [, url = ''] = await serving.output(/^listening on (\S+)$/m)
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({
      events: 2041,
      search_lag_events: 2041,
    })
    expect(await serving.stop()).toBe(0)
  })

  it('--no-follow serves what is indexed, and says what to do when nothing is', async () => {
    const { db, flags } = place()
    const refused = await runCli('serve', ...flags, '--port', '0', '--no-follow')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain(`open the sidecar ${db}: it does not exist`)
    expect(refused.stderr).toContain('turnlog index')

    await runCli('index', ...flags)
    const serving = startCli('serve', ...flags, '--port', '0', '--no-follow')
    const [, url = ''] = await serving.output(/^listening on (\S+)$/m)
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({
      events: 2041,
      index: { following: false },
    })
  })

  it('says so when the port is taken', async () => {
    const { flags } = place()
    const serving = startCli('serve', ...flags, '--port', '0')
    const [, port = ''] = await serving.output(/^listening on \S+:(\d+)$/m)
    const second = await runCli('serve', ...flags, '--port', port)
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`listen on 127.0.0.1:${port}: the port is in use`)
  })

  it('goes on while the sidecar is rebuilt and when it is deleted', async () => {
    const root = temporaryDirectory()
    cpSync(FIXTURE, root, { recursive: true })
    const serving = startCli('serve', '--root', root, '--port', '0')
    const [, url = ''] = await serving.output(/^listening on (\S+)$/m)
    const events = async (): Promise<unknown> =>
      ((await (await fetch(`${url}/health`)).json()) as { events?: unknown }).events
    expect((await runCli('reindex', '--root', root)).code).toBe(0)
    expect(await events()).toBe(2041)
    rmSync(join(root, '.turnlog'), { recursive: true })
    await eventually(async () => {
      expect(await events()).toBe(2041)
    })
  })
})

describe('the command line', () => {
  it('exits with 2 on wrong usage and names what is wrong', async () => {
    const cases: [args: string[], message: string][] = [
      [['indx'], "unknown command 'indx'\n(Did you mean index?)"],
      [['help', 'indx'], "unknown command 'indx'\n(Did you mean index?)"],
      [['help', 'nonsense'], "unknown command 'nonsense'\n(add --help for usage)"],
      [['index', '--rot', 'x'], "unknown option '--rot'"],
      [['serve', '--port', 'http'], '--port must be a whole number from 0 to 65535'],
      [['serve', '--port', '65536'], '--port must be a whole number from 0 to 65535'],
      [['index', '--root'], "option '--root <dir>' argument missing"],
    ]
    for (const [args, message] of cases) {
      const { code, stderr } = await runCli(...args)
      expect({ args, code }).toEqual({ args, code: 2 })
      expect(stderr.slice(0, `turnlog: ${message}`.length)).toBe(`turnlog: ${message}`)
    }
  })

  it('help prints what --help does', async () => {
    expect(await runCli('help')).toEqual(await runCli('--help'))
    expect(await runCli('help', 'events')).toEqual(await runCli('events', '--help'))
    expect((await runCli('--help')).stdout).toMatch(/^Other:\n( .*\n)+ {2}help /m)
  })

  it('exits with 1 when the root is no good, in clear words and without a stack', async () => {
    const root = join(temporaryDirectory(), 'nowhere')
    for (const command of ['index', 'reindex', 'verify', 'serve']) {
      const { code, stderr } = await runCli(command, '--root', root)
      expect({ command, code }).toEqual({ command, code: 1 })
      expect(stderr).toMatch(/^turnlog: read the output root \S+: it does not exist\n {2}give/)
      expect(stderr).not.toContain('    at ')
      expect(existsSync(root), 'nothing is made').toBe(false)
    }
  })

  it('shows an example for each command', async () => {
    for (const command of ['serve', 'index', 'reindex', 'verify', 'demo']) {
      const { code, stdout } = await runCli(command, '--help')
      expect(code).toBe(0)
      expect(stdout).toMatch(new RegExp(`Examples:\\n  \\$ turnlog ${command}`))
    }
    expect((await runCli('--help')).stdout).toContain(
      'Exit codes: 0 done, 1 found a problem, 2 wrong usage',
    )
    expect((await runCli('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('turnlog demo', () => {
  it('records, serves and answers, and ends with --once', async () => {
    const root = join(temporaryDirectory(), 'output')
    const { code, stdout, stderr } = await runCli('demo', '--once', '--root', root, '--port', '0')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const type of ['MILESTONE', 'DECISION', 'ACTION', 'STATE', 'DETAIL', 'SYSTEM']) {
      expect(stdout).toContain(type)
    }
    expect(stdout.match(/curl 'http:\/\/127\.0\.0\.1:\d+\/simulations/g)?.length).toBeGreaterThan(4)
    expect(stdout).toMatch(/← turn \d+ +ACTION +alice/)
    expect((await runCli('verify', '--root', root)).code).toBe(0)
  })

  it('ends when it is interrupted while it begins', async () => {
    const root = join(temporaryDirectory(), 'output')
    const demo = startCli('demo', '--root', root, '--port', '0')
    await demo.output(/^Recorded/m)
    expect(await demo.stop()).toBe(0)
  })

  it('goes on listening without --once, on another port when its own is taken', async () => {
    const root = join(temporaryDirectory(), 'output')
    const first = startCli('demo', '--root', root, '--port', '0')
    const [, port = ''] = await first.output(/Still listening on http:\/\/127\.0\.0\.1:(\d+)/)
    const second = startCli('demo', '--root', `${root}2`, '--port', port)
    const [, otherPort = ''] = await second.output(/Still listening on http:\/\/127\.0\.0\.1:(\d+)/)
    expect(otherPort).not.toBe(port)
    const response = await fetch(`http://127.0.0.1:${port}/simulations`)
    expect(response.status).toBe(200)
    expect(await first.stop('SIGINT')).toBe(0)
    expect(await second.stop()).toBe(0)
  })
})
