import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { healthResponse } from '#api/routes/health.js'
import { eventsResponse } from '#api/routes/list-events.js'
import type { RunningServer } from '#api/server.js'
import { ask, parseProblem, serve } from '../support/api-client.js'
import { FIXTURE, IndexedRoot, MARKET } from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { findPathNaively } from '../support/naive-path.js'

const run = promisify(execFile)

let indexed: IndexedRoot
let server: RunningServer
let saved: string

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  server = await serve(indexed.reader)
  saved = `${indexed.db}.saved`
  copyFileSync(indexed.db, saved)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

const market = readRun(FIXTURE, MARKET)
const id = market[500]?.position.eventId ?? ''
/** What led to it in many steps. */
const first =
  market.find(({ position }) => findPathNaively(market, position.eventId, id))?.position.eventId ??
  ''
const PATHS = [
  '/health',
  '/simulations',
  `/simulations/${MARKET}`,
  `/simulations/${MARKET}/events?limit=10000`,
  `/simulations/${MARKET}/events?agent_ids=agent_bob&order=desc&turn_start=3`,
  `/simulations/${MARKET}/events/${id}`,
  `/simulations/${MARKET}/events/stream`,
  `/simulations/${MARKET}/events/stream?from=beginning`,
  `/simulations/${MARKET}/events/stream?last_event_id=${id}`,
  `/simulations/${MARKET}/causality/${id}?depth=20`,
  `/simulations/${MARKET}/causality/${first}/path/${id}`,
  `/compare?a=solo&b=${MARKET}`,
  `/simulations/${MARKET}/histogram?split=agent&turn_start=3`,
  `/simulations/${MARKET}/histogram?by=time&split=type&turn_end=60`,
  `/simulations/${MARKET}/agents`,
  `/simulations/${MARKET}/variables`,
  `/simulations/${MARKET}/variables/wealth`,
]

async function expectAnswerOrProblem(path: string): Promise<void> {
  const answer = await ask(server.url, path)
  // A variable can be looked for in vain when the cells that name it are damaged.
  expect([200, 503, ...(path.includes('/variables/') ? [404] : [])]).toContain(answer.status)
  if (answer.status !== 200) parseProblem(answer)
}

async function expectUnavailable(saying: RegExp): Promise<void> {
  for (const path of PATHS) {
    const answer = await ask(server.url, path)
    expect({ path, status: answer.status }).toEqual({ path, status: 503 })
    const problem = parseProblem(answer)
    expect(problem.code).toBe('SIDECAR_UNAVAILABLE')
    expect(problem.message).toMatch(saying)
  }
  // What needs no sidecar is answered.
  expect((await ask(server.url, '/openapi.json')).status).toBe(200)
  expect((await ask(server.url, '/nothing')).status).toBe(404)
  expect((await ask(server.url, '/simulations/x/events?limit=0')).status).toBe(422)
}

async function expectRecovery(): Promise<void> {
  for (const path of PATHS) expect((await ask(server.url, path)).status).toBe(200)
}

function removeSidecar(): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(indexed.db + suffix, { force: true })
}

/** Puts a file in the sidecar's place, as a new one. */
function putInPlace(content: string | Buffer): void {
  removeSidecar()
  writeFileSync(indexed.db, content)
}

describe('a sidecar that cannot be read', () => {
  it('is missing, and comes back', async () => {
    await expectRecovery()
    removeSidecar()
    await expectUnavailable(/it does not exist/)
    copyFileSync(saved, indexed.db)
    await expectRecovery()
  })

  it('is not a database', async () => {
    for (const content of ['not a database, but long enough to be one'.repeat(100), '{}']) {
      putInPlace(content)
      await expectUnavailable(/not a database/)
    }
    putInPlace('')
    await expectUnavailable(/not a turnlog sidecar/)
    putInPlace(readFileSync(saved))
    await expectRecovery()
  })

  it('is a directory', async () => {
    removeSidecar()
    mkdirSync(indexed.db)
    await expectUnavailable(/it is a directory/)
    rmSync(indexed.db, { recursive: true })
    putInPlace(readFileSync(saved))
    await expectRecovery()
  })

  it('belongs to another program', async () => {
    removeSidecar()
    new Database(indexed.db).exec('CREATE TABLE simulation (id INTEGER)').close()
    await expectUnavailable(/not a turnlog sidecar/)
    putInPlace(readFileSync(saved))
    await expectRecovery()
  })

  it.each([
    ['an older', 0],
    ['a newer', 99],
  ])('was written by %s turnlog', async (age, version) => {
    putInPlace(readFileSync(saved))
    const connection = new Database(indexed.db)
    connection.pragma(`user_version = ${version}`)
    connection.close()
    await expectUnavailable(new RegExp(`${age} turnlog wrote it`))
    putInPlace(readFileSync(saved))
    await expectRecovery()
  })

  it('was cut short or overwritten in place, and repaired in place', async () => {
    const good = readFileSync(saved)
    putInPlace(good)
    await expectRecovery()
    const overwritten = Buffer.from(good).fill(0xa5, 4096)
    for (const bad of [good.subarray(0, 5000), overwritten, Buffer.alloc(good.length)]) {
      writeFileSync(indexed.db, bad)
      // What a connection has in its memory it can still answer; what it has not, it says so.
      for (const path of PATHS) await expectAnswerOrProblem(path)
      writeFileSync(indexed.db, good)
      await expectRecovery()
    }
  })

  it('has rows that no turnlog wrote', async () => {
    putInPlace(readFileSync(saved))
    const connection = new Database(indexed.db)
    for (const damage of [
      'UPDATE event SET turn = turn + 0.5',
      `UPDATE event SET turn = 'x'`,
      `UPDATE event SET details = '{'`,
      'UPDATE event SET cell = 99',
      'UPDATE cell SET type = 99',
      'UPDATE event SET timestamp = 9e15',
      `UPDATE event SET timestamp = 'x'`,
      'UPDATE simulation SET first_timestamp = 9e18',
      'UPDATE stretch SET events = -events',
      'UPDATE stretch SET events = 5 * events',
      'UPDATE stretch SET cells = cell_events',
      'UPDATE leaf SET event_rows = timestamps',
      'UPDATE leaf SET events = events + 1',
      "UPDATE leaf SET cells = x''",
      "UPDATE leaf SET timestamps = 'x'",
    ]) {
      connection.exec(damage)
      for (const path of PATHS) await expectAnswerOrProblem(path)
    }
    connection.close()
    putInPlace(readFileSync(saved))
    await expectRecovery()
  })

  it('is damaged anywhere: the answer may be refused, but it is never a fault', async () => {
    const good = readFileSync(saved)
    const place = fc.integer({ min: 0, max: good.length - 1 })
    const damage = fc.array(fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 64 })), {
      minLength: 1,
      maxLength: 20,
    })
    await fc.assert(
      fc.asyncProperty(damage, async (spots) => {
        const bad = Buffer.from(good)
        for (const [at, bytes] of spots) bad.set(bytes.subarray(0, bad.length - at), at)
        putInPlace(bad)
        for (const path of PATHS) {
          const answer = await ask(server.url, path)
          expect([200, 404, 503]).toContain(answer.status)
          if (answer.status !== 200) parseProblem(answer)
        }
      }),
      { numRuns: 60 },
    )
    putInPlace(good)
    await expectRecovery()
  })
})

describe('a sidecar that is rebuilt', () => {
  it('is switched to with no failed request', async () => {
    putInPlace(readFileSync(saved))
    const stop = { asked: false }
    const paths = [...PATHS, '/simulations/solo', '/simulations/solo/events']
    const clients = paths.map(async (path) => {
      let answers = 0
      while (!stop.asked) {
        const { status, text } = await ask(server.url, path)
        expect({ path, status, text: status === 200 ? '' : text }).toEqual({
          path,
          status: 200,
          text: '',
        })
        answers++
      }
      return answers
    })
    try {
      // In a process of its own, so that the requests are answered meanwhile.
      const reindex = ['dist/cli/main.js', 'reindex', '--root', indexed.root, '--db', indexed.db]
      for (let round = 0; round < 3; round++) await run(process.execPath, reindex)
    } finally {
      stop.asked = true
    }
    const answers = await Promise.all(clients)
    expect(Math.min(...answers)).toBeGreaterThan(0)
  })

  it('shows what it holds with the next request', async () => {
    putInPlace(readFileSync(saved))
    const readTotal = async (): Promise<number | null> => {
      const { text } = await ask(server.url, '/simulations/solo/events?limit=1')
      return eventsResponse.parse(JSON.parse(text)).total
    }
    expect(await readTotal()).toBe(41)
    // A copy that says something else, moved into place as a rebuild is.
    copyFileSync(saved, `${indexed.db}.new`)
    const connection = new Database(`${indexed.db}.new`)
    connection.exec('UPDATE stretch SET events = events * 2')
    connection.close()
    renameSync(`${indexed.db}.new`, indexed.db)
    expect(await readTotal()).toBe(82)
  })

  it('shows what an indexer adds with the next request', async () => {
    putInPlace(readFileSync(saved))
    const readEvents = async (): Promise<number> =>
      healthResponse.parse(JSON.parse((await ask(server.url, '/health')).text)).events
    const before = await readEvents()
    await indexed.append({
      added: {
        'events.jsonl': [
          '{"event_id":"a","timestamp":"2025-01-01T00:00:00Z","turn_number":0,"event_type":"STATE"}',
        ],
      },
    })
    expect(await readEvents()).toBe(before + 1)
  })
})
