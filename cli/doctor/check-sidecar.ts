import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import Database from 'better-sqlite3'
import { TurnlogError } from '../../src/errors.js'
import { ProcessLock } from '../../src/process-lock.js'
import { discoverSegments, type FoundSegment } from '../../src/segment/discovery.js'
import { SCHEMA_VERSION } from '../../src/sidecar/migrate.js'
import { openSidecarForReading } from '../../src/sidecar/open-sidecar.js'
import type { Location } from '../location.js'
import { findLeftImports } from '../import/new-run.js'
import { bytes, count } from '../output.js'
import { readVersion } from '../version.js'
import type { Check, Finding } from './finding.js'

type Found = Omit<Finding, 'check'>

/** What the sidecar is, what it lacks, and what lies beside it. */
export function sidecarChecks({ root, db }: Location): Check[] {
  return [
    { name: 'versions', look: () => [{ status: 'ok', message: versions() }] },
    { name: 'sidecar', look: () => [lookAtSidecar(db)] },
    { name: 'indexer lock', look: () => [lookAtLock(db)] },
    { name: 'leftovers', look: () => lookAtLeftovers({ root, db }) },
    {
      name: 'lag',
      needsRoot: true,
      look: () => whileOpen(db, (sidecar) => [lookAtLag(sidecar, root)]),
    },
    { name: 'rejects', look: () => whileOpen(db, lookAtRejects) },
    { name: 'clock', look: () => whileOpen(db, lookAtClock) },
  ]
}

function versions(): string {
  const memory = new Database(':memory:')
  const sqlite = String(memory.prepare('SELECT sqlite_version()').pluck().get())
  memory.close()
  return `turnlog ${readVersion()} (schema ${SCHEMA_VERSION}), Node.js ${process.versions.node}, SQLite ${sqlite}`
}

function lookAtSidecar(db: string): Found {
  try {
    openSidecarForReading(db).close()
    return { status: 'ok', message: `${db} is a sidecar of schema ${SCHEMA_VERSION}` }
  } catch (error) {
    if (!(error instanceof TurnlogError) || error.code !== 'SIDECAR_NOT_FOUND') throw error
    return { status: 'note', message: `there is no ${db}`, hint: 'run `turnlog index` to make it' }
  }
}

function lookAtLock(db: string): Found {
  if (!ProcessLock.isHeld(`${db}.lock`)) {
    return { status: 'ok', message: 'nobody is writing the sidecar' }
  }
  return {
    status: 'note',
    message: 'an indexer is at work on the sidecar',
    hint: 'a `turnlog serve`, `index` or `reindex`; the lock of one that died is free by itself',
  }
}

function* lookAtLeftovers({ root, db }: Location): Generator<Found> {
  const aside = `${db}.rebuild`
  const isReindexing = ProcessLock.isHeld(`${aside}.lock`)
  const found: Found[] = []
  if (isReindexing) {
    found.push({ status: 'note', message: 'a reindex is at work' })
  } else if (existsSync(aside)) {
    const message = `${aside} (${bytes(statSync(aside).size)}) was left by a reindex that was killed`
    found.push({ status: 'note', message, hint: 'the next `turnlog reindex` removes it' })
  }
  if (!existsSync(db)) {
    for (const path of [`${db}-wal`, `${db}-shm`].filter((name) => existsSync(name))) {
      const message = `${path} belongs to a sidecar that is gone`
      found.push({ status: 'note', message, hint: 'the next `turnlog index` removes it' })
    }
  }
  for (const path of findLeftImports(root)) {
    const message = `${path} was left by an import that was killed`
    found.push({ status: 'note', message, hint: 'it can be deleted' })
  }
  if (found.length === 0) yield { status: 'ok', message: `nothing is left beside ${basename(db)}` }
  else yield* found
}

/** Nothing is found where the sidecar cannot be opened: another check says why. */
function whileOpen(db: string, look: (sidecar: Database.Database) => Found[]): Found[] {
  let sidecar: Database.Database
  try {
    sidecar = openSidecarForReading(db)
  } catch (error) {
    if (error instanceof TurnlogError) return []
    throw error
  }
  try {
    return look(sidecar)
  } finally {
    sidecar.close()
  }
}

interface IndexedSegment {
  readonly run: string
  readonly segment: string
  readonly checkpoint: number
}

function lookAtLag(sidecar: Database.Database, root: string): Found {
  const indexed = new Map(
    sidecar
      .prepare<[], IndexedSegment>('SELECT simulation_id AS run, segment, checkpoint FROM segments')
      .all()
      .map(({ run, segment, checkpoint }) => [join(run, segment), checkpoint]),
  )
  const lagOf = (run: string, { name, size }: FoundSegment): number =>
    Math.max(0, size - (indexed.get(join(run, name)) ?? 0))
  const behind = discoverSegments(root)
    .simulations.map(({ id, segments }) =>
      segments.reduce((sum, segment) => sum + lagOf(id, segment), 0),
    )
    .filter((lag) => lag > 0)
  if (behind.length === 0) return { status: 'ok', message: 'everything is indexed' }
  const total = behind.reduce((sum, lag) => sum + lag, 0)
  return {
    status: 'note',
    message: `${bytes(total)} of ${count(behind.length, 'run')} are not indexed`,
    hint: 'run `turnlog index`, or `turnlog serve`, which follows the files',
  }
}

function lookAtRejects(sidecar: Database.Database): Found[] {
  const runs = sidecar
    .prepare<[], { run: string; rejects: number }>(
      `SELECT simulation_id AS run, reject_count AS rejects FROM simulations
      WHERE reject_count > 0 ORDER BY 1`,
    )
    .all()
  if (runs.length === 0) return [{ status: 'ok', message: 'every indexed line is an event' }]
  return runs.map(({ run, rejects }) => ({
    status: 'note',
    message: `${count(rejects, 'line')} of ${run} could not be read as events`,
    hint: `\`turnlog rejects ${run}\` says which, and why`,
  }))
}

/** Clocks of two machines may differ so much. Microseconds. */
const TOLERANCE = 60_000_000

function lookAtClock(sidecar: Database.Database): Found[] {
  const latest = Date.now() * 1000 + TOLERANCE
  const runs = sidecar
    .prepare<[number], string>('SELECT name FROM simulation WHERE last_timestamp > ? ORDER BY 1')
    .pluck()
    .all(latest)
  if (runs.length === 0) return [{ status: 'ok', message: 'no event is from the future' }]
  const hint = 'check the clocks of the machine that records and of this one'
  return runs.map((run) => {
    return { status: 'note', message: `${run} has events from the future`, hint }
  })
}
