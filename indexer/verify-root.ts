import type Database from 'better-sqlite3'
import { assertReadableRoot, type Discovery, discoverSegments } from '../src/segment/discovery.js'
import { openSidecarForReading, readingError } from '../src/sidecar/open-sidecar.js'
import type { Difference } from './difference.js'
import { findRun } from './find-run.js'
import { type IngestProgress, ProgressMeter } from './ingest-progress.js'
import { whyNotRead } from './segment-file.js'
import { findObstacles } from './verify-obstacles.js'
import { findSearchProblems } from './verify-search.js'
import { SimulationVerifier } from './verify-simulation.js'
import { findStrayRows } from './verify-tables.js'

/** What `turnlog verify` reports. */
export interface VerifyReport {
  /** Whether the sidecar says exactly what the segments say. */
  readonly equal: boolean
  readonly simulations: number
  readonly segments: number
  readonly events: number
  readonly rejects: number
  readonly duplicates: number
  /** Bytes read. */
  readonly bytes: number
  readonly seconds: number
  readonly difference_count: number
  /** The first {@link MAX_DIFFERENCES} differences. */
  readonly differences: readonly Difference[]
}

/** What is held against what. */
export interface VerifyOptions {
  readonly root: string
  readonly db: string
  /** The one run to be compared; all of them, and what belongs to none, unless told. */
  readonly simulation?: string
  /** Told after every block. */
  readonly onProgress?: (progress: IngestProgress) => void
}

/** How many differences are reported in full; all are counted. */
export const MAX_DIFFERENCES = 100

/**
 * Reads every segment below a root and holds it against the sidecar: each
 * line's event, its links and counts, that the full-text index has the words of
 * the events it has come to, and that the sidecar has nothing else. Of a file
 * that {@link findObstacles} has something to say of, only that is reported.
 * What is written or rotated meanwhile shows as a difference, too.
 *
 * @throws TurnlogError ROOT_NOT_FOUND, SIMULATION_NOT_FOUND, SIDECAR_NOT_FOUND,
 *   SIDECAR_UNREADABLE or SIDECAR_SCHEMA_MISMATCH
 */
export function verifyRoot(options: VerifyOptions): VerifyReport {
  const { root, db } = options
  const startedAt = performance.now()
  assertReadableRoot(root)
  const connection = openSidecarForReading(db)
  try {
    connection.exec('BEGIN')
    const report = verifyWith(connection, options)
    return { ...report, seconds: Math.round(performance.now() - startedAt) / 1000 }
  } catch (error) {
    throw readingError(db, error)
  } finally {
    connection.close()
  }
}

type Report = (difference: Difference) => void

function verifyWith(
  connection: Database.Database,
  options: VerifyOptions,
): Omit<VerifyReport, 'seconds'> {
  const differences: Difference[] = []
  let differenceCount = 0
  const report: Report = (difference) => {
    differenceCount++
    if (differences.length < MAX_DIFFERENCES) differences.push(difference)
  }
  for (const obstacle of findObstacles(connection, options.simulation)) report(obstacle)
  const compared = differenceCount > 0 ? NOTHING_COMPARED : compare(connection, options, report)
  return {
    equal: differenceCount === 0,
    ...compared,
    difference_count: differenceCount,
    differences,
  }
}

type Compared = Pick<
  VerifyReport,
  'simulations' | 'segments' | 'events' | 'rejects' | 'duplicates' | 'bytes'
>

const NOTHING_COMPARED: Compared = {
  simulations: 0,
  segments: 0,
  events: 0,
  rejects: 0,
  duplicates: 0,
  bytes: 0,
}

/** @param connection which has been read from, so that no file is older than what it says */
function compare(
  connection: Database.Database,
  { root, simulation, onProgress }: VerifyOptions,
  report: Report,
): Compared {
  const found = discover(root, simulation)
  const { simulations, problems } = found
  for (const { path, message } of problems) report({ problem: `${path} ${message}` })
  const meter = new ProgressMeter(found, onProgress)
  const verifier = new SimulationVerifier(connection, report, (run, read) => {
    meter.addBlock(run, read)
  })
  for (const { id, segments } of simulations) {
    try {
      verifier.verify(id, segments)
    } catch (error) {
      report({ simulation_id: id, problem: whyNotRead(error) })
    }
    meter.finishRun(id)
  }
  if (simulation === undefined) compareWhole(connection, found, verifier, report)
  return {
    simulations: simulations.length,
    segments: simulations.reduce((sum, { segments }) => sum + segments.length, 0),
    ...verifier.counts(),
  }
}

function discover(root: string, simulation: string | undefined): Discovery {
  return simulation === undefined
    ? discoverSegments(root)
    : { simulations: [findRun(root, simulation, 'verify')], problems: [] }
}

/** What the sidecar says of no run, or of all of them together. */
function compareWhole(
  connection: Database.Database,
  { simulations }: Discovery,
  verifier: SimulationVerifier,
  report: Report,
): void {
  const present = new Set(simulations.map(({ id }) => id))
  for (const id of verifier.indexedSimulations()) {
    if (!present.has(id)) report({ simulation_id: id, problem: 'is indexed but not on disk' })
  }
  for (const stray of findStrayRows(connection)) report(stray)
  for (const problem of findIndexProblems(connection)) report({ problem })
  for (const problem of findSearchProblems(connection)) report(problem)
}

/** Rows that an index of SQLite's own leaves out, or keeps with other values. */
function findIndexProblems(connection: Database.Database): string[] {
  return connection
    .prepare<[], string>('PRAGMA integrity_check(100)')
    .pluck()
    .all()
    .filter((finding) => finding !== 'ok' && !finding.includes('FTS5'))
    .map((finding) => `an index does not say what its table says: ${finding}`)
}
