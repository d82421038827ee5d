import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { planReindex } from '#indexer/plan-reindex.js'
import { reindexRun } from '#indexer/reindex-run.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { SidecarReader } from '#src/sidecar/sidecar-reader.js'
import { FIXTURE, MARKET } from '../support/indexed-root.js'
import { dumpSidecar } from '../support/sidecar-dump.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { runUnprivileged } from '../support/unprivileged.js'

interface Place {
  readonly root: string
  readonly db: string
}

/** A copy of the fixture, indexed and searchable. */
async function indexedPlace(): Promise<Place> {
  const directory = temporaryDirectory()
  const place = { root: join(directory, 'root'), db: join(directory, 'index.db') }
  cpSync(FIXTURE, place.root, { recursive: true })
  await indexRoot({ ...place, search: true })
  return place
}

function change(db: string, sql: string): void {
  const connection = new Database(db)
  connection.exec(sql)
  connection.close()
}

function read(db: string, sql: string): unknown {
  const connection = new Database(db, { readonly: true })
  const value = connection.prepare(sql).pluck().get()
  connection.close()
  return value
}

const ofMarket = `simulation = (SELECT id FROM simulation WHERE name = '${MARKET}')`
const numbers = 'SELECT json_group_array(id) FROM simulation'
const searchable = 'SELECT events FROM search_progress'

describe('reindexRun', () => {
  it('reads one run anew and leaves the others', async () => {
    const place = await indexedPlace()
    const before = dumpSidecar(place.db)
    change(place.db, `DELETE FROM event WHERE ${ofMarket} AND id % 2 = 0`)
    expect(verifyRoot(place).equal).toBe(false)
    const report = await reindexRun({ ...place, simulation: MARKET, search: true })
    expect(report).toMatchObject({
      simulations: 1,
      segments: 6,
      events: 2000,
      removed: 0,
      problems: [],
      total: { events: 2041 },
    })
    expect(verifyRoot(place).differences).toEqual([])
    expect(dumpSidecar(place.db)).toEqual(before)
  })

  it('gives the run another number, by which readers tell', async () => {
    const place = await indexedPlace()
    const before = read(place.db, numbers)
    await reindexRun({ ...place, simulation: MARKET })
    expect(read(place.db, numbers)).not.toEqual(before)
  })

  it('keeps the full-text index of the others, and makes it anew where it cannot be trusted', async () => {
    const place = await indexedPlace()
    await reindexRun({ ...place, simulation: MARKET })
    expect(read(place.db, searchable)).toBe(41)
    await indexRoot({ ...place, search: true })
    change(place.db, `UPDATE event SET description = 'never said' WHERE ${ofMarket}`)
    await reindexRun({ ...place, simulation: MARKET })
    expect(read(place.db, searchable)).toBe(0)
    await indexRoot({ ...place, search: true })
    expect(verifyRoot(place).differences).toEqual([])
  })

  it('shows readers the old run or the new one, and nothing in between', async () => {
    const place = await indexedPlace()
    const reader = new SidecarReader(place.db)
    const controller = new AbortController()
    const counts = new Set<unknown>()
    const reading = (async () => {
      while (!controller.signal.aborted) {
        const rows = await reader.read((snapshot) =>
          snapshot.selectFrom('simulation').select('event_count').execute(),
        )
        counts.add(JSON.stringify(rows.map(({ event_count: events }) => events).sort()))
        await new Promise(setImmediate)
      }
    })()
    for (let time = 0; time < 3; time++) {
      await reindexRun({
        ...place,
        simulation: MARKET,
        onProgress: () => {
          expect(read(place.db, 'SELECT count(*) FROM event')).toBe(2041)
        },
      })
    }
    controller.abort()
    await reading
    await reader.close()
    expect([...counts]).toEqual(['[2000,41]'])
  })

  it('leaves the run as it was when it is told to stop', async () => {
    const place = await indexedPlace()
    change(place.db, `UPDATE event SET description = 'kept' WHERE ${ofMarket}`)
    const before = dumpSidecar(place.db)
    const controller = new AbortController()
    const stopped = reindexRun({
      ...place,
      simulation: MARKET,
      search: true,
      signal: controller.signal,
      onProgress: ({ events }) => {
        if (events > 0) controller.abort()
      },
    })
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
    expect(dumpSidecar(place.db)).toEqual(before)
    expect(read(place.db, searchable)).toBe(2041)
  })

  it('leaves it when a file cannot be read', async () => {
    const place = await indexedPlace()
    chmodSync(join(place.root, MARKET, 'events.jsonl'), 0)
    const said = runUnprivileged(
      { reindex: new URL('../../dist/indexer/reindex-run.js', import.meta.url).href },
      `process.stdout.write(JSON.stringify(await reindex.reindexRun(JSON.parse(argument))))`,
      JSON.stringify({ ...place, simulation: MARKET }),
    )
    expect(JSON.parse(said)).toMatchObject({
      events: 0,
      problems: [{ message: 'cannot be read (EACCES)' }],
    })
    expect(read(place.db, 'SELECT count(*) FROM event')).toBe(2041)
  })

  it('needs a run and a sidecar', async () => {
    const place = await indexedPlace()
    await expect(reindexRun({ ...place, simulation: 'market' })).rejects.toMatchObject({
      code: 'SIMULATION_NOT_FOUND',
    })
    await expect(
      reindexRun({ ...place, simulation: MARKET.replace('6', '7') }),
    ).rejects.toMatchObject({
      hint: `did you mean ${MARKET}? \`turnlog ls\` lists the runs that are indexed`,
    })
    await expect(
      reindexRun({ ...place, db: `${place.db}x`, simulation: MARKET }),
    ).rejects.toMatchObject({ code: 'SIDECAR_NOT_FOUND' })
    expect(existsSync(`${place.db}x`)).toBe(false)
  })
})

describe('planReindex', () => {
  it('says what would be read, and writes nothing', async () => {
    const place = await indexedPlace()
    const before = snapshot(join(place.db, '..'))
    const plan = planReindex({ ...place, search: true })
    expect(plan).toMatchObject({ segments: 7, bytes: 845_278, problems: [] })
    expect(plan.simulations).toHaveLength(2)
    expect(plan.free_bytes).toBeGreaterThan(0)
    expect(planReindex({ ...place, simulation: MARKET }).simulations).toMatchObject([
      { simulation_id: MARKET, segments: 6 },
    ])
    planReindex({ ...place, db: join(place.db, 'nowhere', 'index.db') })
    expect(snapshot(join(place.db, '..'))).toEqual(before)
  })

  it('does not underrate what a sidecar takes', async () => {
    const place = await indexedPlace()
    const { needed_bytes: needed } = planReindex({ ...place, search: true })
    expect(needed).toBeGreaterThanOrEqual(statSync(place.db).size)
  })
})

/** Every file below a directory with its bytes. */
function snapshot(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    names
      .filter((name) => statSync(join(directory, name)).isFile())
      .map((name) => [name, readFileSync(join(directory, name), 'base64')]),
  )
}
