import { mkdirSync, rmSync, statSync } from 'node:fs'
import { duckDbResultSchema, type DuckDbJob, type LoadResult } from './duckdb-job.js'
import type { GeneratedRun } from './generate.js'
import { type IndexJob, type IndexResult, indexResultSchema } from './index-job.js'
import { median } from './measure.js'
import { runScript } from './run-script.js'
import { loadWithSqliteUtils, sqliteUtilsVersion } from './sqlite-utils.js'
import { segmentOf } from './write-run.js'

/** How fast a run gets into a database, and how much room it takes there. */
export interface LoadFigures {
  /** Events per second: median of the rounds. */
  readonly rate: number
  readonly rounds: number
  /** Bytes of the database per byte of JSON Lines. */
  readonly sizeRatio: number
}

/** Loading one run: by turnlog, and by others. */
export interface IngestFigures {
  readonly events: number
  /** Of the run's JSON Lines. */
  readonly bytes: number
  readonly incremental: LoadFigures
  readonly reindex: LoadFigures
  /** The full-text index, built afterwards; the size is what it adds. */
  readonly search: LoadFigures
  readonly duckDb: LoadFigures
  /** Undefined where it is not installed, or would take too long. */
  readonly sqliteUtils: LoadFigures | undefined
  /** Bytes of resident memory, the most of all rounds. */
  readonly incrementalMemory: number
  readonly reindexMemory: number
  readonly searchMemory: number
}

const ROUNDS = 3
/**
 * Above so many events DuckDB and the full-text index have one round, and
 * sqlite-utils, which would take ten minutes for it, none.
 */
const MAX_MANY_ROUNDS_EVENTS = 1_000_000

/**
 * Loads a run from nothing, each time in a process of its own. The rounds go by
 * turns, so that a slow minute of the machine hits all alike.
 *
 * @throws Error when somebody loaded another number of events
 */
export async function measureIngest(
  run: GeneratedRun,
  bytes: number,
  db: string,
): Promise<IngestFigures> {
  const { root, events } = run
  const peers = `${root}.peers`
  const isLarge = events > MAX_MANY_ROUNDS_EVENTS
  const slowRounds = isLarge ? 1 : ROUNDS
  const hasSqliteUtils = !isLarge && (await sqliteUtilsVersion()) !== undefined
  const incremental: Indexed[] = []
  const reindex: Indexed[] = []
  const search: Indexed[] = []
  const duckDb: LoadResult[] = []
  const sqliteUtils: LoadResult[] = []
  for (let round = 0; round < ROUNDS; round++) {
    incremental.push(await index({ how: 'incremental', root, db }, events))
    reindex.push(await index({ how: 'reindex', root, db }, events))
    // In the last rounds, so that what is left can be searched.
    if (round >= ROUNDS - slowRounds) {
      search.push(await makeSearchable({ how: 'search', root, db }, events))
    }
    if (round >= slowRounds) continue
    duckDb.push(await loadWithDuckDb(segmentOf(run), events, peers))
    if (hasSqliteUtils) sqliteUtils.push(await loadWithSqliteUtils(segmentOf(run), events, peers))
  }
  const figures = (results: readonly LoadResult[]): LoadFigures => ({
    rate: median(results.map((result) => result.events / result.seconds)),
    rounds: results.length,
    sizeRatio: median(results.map(({ size }) => size)) / bytes,
  })
  return {
    events,
    bytes,
    incremental: figures(incremental),
    reindex: figures(reindex),
    search: figures(search),
    duckDb: figures(duckDb),
    sqliteUtils: hasSqliteUtils ? figures(sqliteUtils) : undefined,
    incrementalMemory: Math.max(...incremental.map(({ memory }) => memory)),
    reindexMemory: Math.max(...reindex.map(({ memory }) => memory)),
    searchMemory: Math.max(...search.map(({ memory }) => memory)),
  }
}

type Indexed = IndexResult & LoadResult

/** Indexes a root from nothing. @throws Error when it indexed another number of events */
export async function index(job: IndexJob, events: number): Promise<Indexed> {
  removeSidecar(job.db)
  return { ...(await runIndexJob(job, events)), size: statSync(job.db).size }
}

/** Builds the full-text index of a sidecar that has none. The size is what it adds. */
async function makeSearchable(job: IndexJob, events: number): Promise<Indexed> {
  const before = statSync(job.db).size
  return { ...(await runIndexJob(job, events)), size: statSync(job.db).size - before }
}

async function runIndexJob(job: IndexJob, events: number): Promise<IndexResult> {
  const result = indexResultSchema.parse(await runScript('./index-run.js', job))
  if (result.events !== events) throw new Error(`indexed ${result.events} of ${events} events`)
  return result
}

/** Removes a sidecar and the log beside it. */
export function removeSidecar(db: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(db + suffix, { force: true })
}

async function loadWithDuckDb(
  segment: string,
  events: number,
  directory: string,
): Promise<LoadResult> {
  mkdirSync(directory, { recursive: true })
  const job: DuckDbJob = { segment, directory }
  const { load } = duckDbResultSchema.parse(await runScript('./duckdb-run.js', job))
  rmSync(directory, { recursive: true })
  if (load.events !== events) throw new Error(`DuckDB loaded ${load.events} of ${events} events`)
  return load
}
