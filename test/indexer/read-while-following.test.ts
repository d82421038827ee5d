import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { getSimulation } from '#src/query/get-simulation.js'
import { getTotals } from '#src/query/get-totals.js'
import { listEvents } from '#src/query/list-events.js'
import { SidecarReader, type Snapshot } from '#src/sidecar/sidecar-reader.js'
import { eventLine } from '../support/indexed-root.js'
import { eventually } from '../support/eventually.js'
import { filterNaively, type NaiveEvent, parseLine } from '../support/naive.js'
import { ScriptProcess } from '../support/script-process.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { expectTraceOfLines } from '../support/trace-check.js'

const FOLLOWER = fileURLToPath(new URL('../support/follow-root.mjs', import.meta.url))
const EVENTS = 3_000
const TYPES = ['ACTION', 'STATE', 'DETAIL'] as const

/** Some arrive late, some name causes that come after them, and one is the cause of many. */
const LINES = Array.from({ length: EVENTS }, (_, index) => {
  const at = index % 10 === 0 ? Math.max(0, index - 35) : index
  return eventLine({
    id: idOf(index),
    timestamp: `2026-01-01T00:00:00.${String(at).padStart(6, '0')}+00:00`,
    turn: Math.floor(at / 20),
    type: TYPES[index % TYPES.length] ?? 'ACTION',
    agent: `agent ${index % 7}`,
    causes: [idOf(0), idOf(Math.floor(index / 2)), idOf(index + (index % 50) - 20)],
  })
})

function idOf(index: number): string {
  return `e${String(index).padStart(4, '0')}`
}

function openReader(db: string): SidecarReader {
  const reader = new SidecarReader(db)
  onTestFinished(() => reader.close())
  return reader
}

/** Every event, page by page. */
async function readPages(snapshot: Snapshot): Promise<NaiveEvent[]> {
  const events: NaiveEvent[] = []
  let cursor: string | undefined
  for (;;) {
    const request = { filter: {}, order: 'asc', limit: 700, cursor } as const
    const page = await listEvents(snapshot, 'run', request)
    events.push(...page.events.map((line) => parseLine(line)))
    if (page.nextCursor !== null) cursor = page.nextCursor
    else {
      expect(page.total).toBe(events.length)
      return events
    }
  }
}

/** Everything one state of the sidecar says must be the first lines of the run, and nothing else. @returns how many */
async function expectFirstLines(snapshot: Snapshot): Promise<number> {
  const events = await readPages(snapshot)
  const count = events.length
  expect(events.map(({ line }) => line).sort()).toEqual(LINES.slice(0, count).sort())
  expect(await getTotals(snapshot)).toMatchObject({ simulations: 1, events: count, rejects: 0 })

  const run = await getSimulation(snapshot, 'run')
  expect(run.event_count).toBe(count)
  expect(run.segments.reduce((sum, segment) => sum + segment.event_count, 0)).toBe(count)
  const tally = (keys: readonly string[]): Record<string, number> =>
    Object.fromEntries(
      [...new Set(keys)].map((key) => [key, keys.filter((each) => each === key).length]),
    )
  expect(run.events_by_type).toEqual(tally(events.map(({ type }) => type)))
  expect(run.events_by_agent).toEqual(tally(events.map(({ agentId }) => agentId ?? '')))

  const filter = { eventTypes: ['STATE'], agentIds: ['agent 3'], turnStart: 2 } as const
  const page = await listEvents(snapshot, 'run', { filter, order: 'desc', limit: 10_000 })
  const matching = filterNaively(events, filter, 'desc').map(({ line }) => line)
  expect(page).toMatchObject({ events: matching, total: matching.length })

  const oneState = { reader: { read: <T>(use: (s: Snapshot) => Promise<T>) => use(snapshot) } }
  for (const event of [events[0], events.at(-1)]) {
    const request = { depth: 3, maxNodes: 50 }
    if (event !== undefined) {
      await expectTraceOfLines(oneState, events, event.position.eventId, request)
    }
  }
  return count
}

describe('reading while a run is followed', () => {
  it('sees whole blocks alone, each with its counts, order and links', async () => {
    const directory = temporaryDirectory()
    const [root, db] = [join(directory, 'root'), join(directory, 'index.db')]
    const active = join(root, 'run', 'events.jsonl')
    mkdirSync(join(root, 'run'), { recursive: true })
    writeFileSync(active, '')
    const follower = new ScriptProcess(FOLLOWER, root, db)
    const reader = openReader(db)
    const look = (): Promise<number> => reader.read(expectFirstLines)
    await eventually(async () => {
      expect(await reader.read(getTotals)).toMatchObject({ simulations: 1 })
    })

    const seen = new Set<number>()
    const text = LINES.map((line) => `${line}\n`).join('')
    for (let start = 0, piece = 0; start < text.length; piece++) {
      // Now and then a segment is sealed, which a writer does between two lines.
      const isSealed = piece % 12 === 11
      const end = isSealed ? text.indexOf('\n', start) + 1 : start + 12_345
      appendFileSync(active, text.slice(start, end))
      start = end
      if (isSealed) {
        renameSync(active, join(root, 'run', `events_${String(piece).padStart(3, '0')}.jsonl`))
        writeFileSync(active, '')
      }
      seen.add(await look())
    }
    await eventually(async () => {
      const count = await look()
      seen.add(count)
      expect(count).toBe(EVENTS)
    })
    expect(follower.child.exitCode).toBeNull()
    // Otherwise nothing was read between two blocks.
    expect(seen.size).toBeGreaterThan(5)
  })

  it('goes on while a block is being written, on what was there before it', async () => {
    const root = temporaryDirectory()
    const db = join(root, 'index.db')
    mkdirSync(join(root, 'run'))
    writeFileSync(join(root, 'run', 'events.jsonl'), LINES.map((line) => `${line}\n`).join(''))
    await indexRoot({ root, db })
    const writer = new Database(db)
    onTestFinished(() => {
      writer.close()
    })
    writer.exec(`BEGIN EXCLUSIVE; DELETE FROM edge; DELETE FROM stretch; DELETE FROM leaf;
      DELETE FROM event; UPDATE simulation SET event_count = 0`)
    expect(await openReader(db).read(expectFirstLines)).toBe(EVENTS)
    writer.exec('ROLLBACK')
  })
})
