import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RowSpelling } from '#cli/sql/query-messages.js'
import { type QueryLimits, startQuery } from '#cli/sql/query-process.js'
import { indexRoot } from '#indexer/index-root.js'
import { eventually } from '../support/eventually.js'
import { runCli, startCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const LINES: RowSpelling = { format: 'ndjson', forTerminal: false }
const FIXTURE = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))
const RUNAWAY = 'WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT 1 FROM t) SELECT count(*) FROM t'
const ENDLESS = 'WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t'

async function indexed(): Promise<string> {
  const db = join(temporaryDirectory(), 'x.db')
  await indexRoot({ root: FIXTURE, db, search: false })
  return db
}

/** The process in which a command runs its query, once it is at it. */
function queryProcessOf(pid: number | undefined): Promise<number> {
  return eventually(() => {
    const [child = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
    // Both of its threads are there: the query is under way.
    expect(readFileSync(`/proc/${child}/cmdline`, 'utf8')).toContain('query-child')
    expect(readFileSync(`/proc/${child}/maps`, 'utf8')).toContain('x.db-shm')
    return Number(child)
  })
}

async function expectGone(pid: number): Promise<void> {
  await eventually(() => {
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
}

describe('turnlog sql', () => {
  it('stops a query that would never end, while a server goes on answering', async () => {
    const db = await indexed()
    const serving = startCli('serve', '--root', FIXTURE, '--db', db, '--no-follow', '--port', '0')
    const [, url = ''] = await serving.output(/^listening on (http:\/\/127\.0\.0\.1:\d+)$/m)
    const state = { isOver: false }
    const running = runCli('sql', '--db', db, '--timeout', '3', RUNAWAY).finally(() => {
      state.isOver = true
    })
    let answers = 0
    while (!state.isOver) {
      const response = await fetch(`${url}/simulations/solo/events?limit=10`)
      expect(response.status).toBe(200)
      expect(await response.json()).toMatchObject({ total: 41 })
      answers++
    }
    expect(answers).toBeGreaterThan(5)
    const { code, stdout, stderr } = await running
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^turnlog: run the query: it was stopped after 3 s\n {2}.*--timeout\n$/)
  })

  it('stops a query that takes too much memory', async () => {
    const db = await indexed()
    const query = 'SELECT length(hex(randomblob(200000000))), length(randomblob(900000000))'
    const { code, stdout, stderr } = await runCli('sql', '--db', db, '--memory', '256', query)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('it was stopped at 256 MB of memory')
    const large = await runCli('sql', '--db', db, 'SELECT zeroblob(70000000)')
    expect(large.stderr).toContain('one of its rows is larger than 64 MB')
  })

  it('keeps in memory what it sorts, and so within its limit', async () => {
    const db = await indexed()
    const query = `${ENDLESS.replace('SELECT n FROM', 'SELECT n, hex(zeroblob(500)) FROM')} ORDER BY n DESC`
    const limits = ['--memory', '256', '--timeout', '60']
    const { code, stdout, stderr } = await runCli('sql', '--db', db, ...limits, query)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('it was stopped at 256 MB of memory')
  })

  it('holds of large values no more than a table shows', async () => {
    const db = await indexed()
    const query = ENDLESS.replace(
      'SELECT n FROM',
      'SELECT zeroblob(500000), hex(zeroblob(250000)) FROM',
    )
    const limits = ['--limit', '0', '--memory', '256', '--timeout', '60']
    const command = startCli('sql', '--db', db, ...limits, query)
    await command.output(/^x'0{57}… {2}0{59}…$/m)
    const status = readFileSync(`/proc/${command.child.pid}/status`, 'utf8')
    const [, most] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? []
    expect(Number(most)).toBeLessThan(256_000)
    expect(await command.stop('SIGINT')).toBe(130)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends at once at %s, and its query with it',
    async (signal) => {
      const db = await indexed()
      const command = startCli('sql', '--db', db, '--timeout', '600', RUNAWAY)
      const pid = await queryProcessOf(command.child.pid)
      expect(await command.stop(signal)).toBe(130)
      expect(command.printedErrors()).toBe('')
      await expectGone(pid)
    },
  )

  it('ends at SIGTERM also while it waits for its query', async () => {
    const db = await indexed()
    const asking = startCli('sql', '--db', db, '--file', '-')
    // More than a pipe holds: once it is gone, somebody reads.
    await new Promise((resolve) => asking.child.stdin?.write(' '.repeat(4_000_000), resolve))
    expect(await asking.stop('SIGTERM')).toBe(130)
  })

  it('leaves no query behind when it is killed', async () => {
    const db = await indexed()
    const command = startCli('sql', '--db', db, '--timeout', '600', RUNAWAY)
    const pid = await queryProcessOf(command.child.pid)
    await command.stop('SIGKILL')
    await expectGone(pid)
  })
})

describe('a query', () => {
  const limits: QueryLimits = { limit: 0, timeout: 60, memory: 1024 }

  it('has its time for what it does, not for waiting until its rows are taken', async () => {
    const db = await indexed()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const { pieces } = await startQuery(db, ENDLESS, LINES, limits)
    const rows = pieces[Symbol.asyncIterator]()
    for (let part = 0; part < 3; part++) {
      expect(await rows.next()).toMatchObject({ done: false })
      vi.advanceTimersByTime(limits.timeout * 1000)
    }
    const next = rows.next()
    vi.advanceTimersByTime(limits.timeout * 1000)
    await expect(next).rejects.toThrow('it was stopped after 60 s')
  })

  it('that is left early is over', async () => {
    const db = await indexed()
    const { pieces, written } = await startQuery(db, ENDLESS, LINES, limits)
    for await (const piece of pieces) {
      expect(piece).not.toBe('')
      if (written().rows > 2_000) break
    }
    expect(written().rows).toBeGreaterThan(2_000)
    expect(await pieces[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
  })

  it('is ended by a signal, before and while it gives rows', async () => {
    const db = await indexed()
    const aborted = AbortSignal.abort(new Error('changed my mind'))
    await expect(startQuery(db, ENDLESS, LINES, limits, aborted)).rejects.toThrow('changed my mind')
    const controller = new AbortController()
    const { pieces } = await startQuery(db, ENDLESS, LINES, limits, controller.signal)
    await expect(async () => {
      for await (const piece of pieces) {
        expect(piece).not.toBe('')
        controller.abort(new Error('enough'))
      }
    }).rejects.toThrow('enough')
  })
})
