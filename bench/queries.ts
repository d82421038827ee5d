import { mkdirSync, rmSync } from 'node:fs'
import { type DuckDbJob, duckDbResultSchema } from './duckdb-job.js'
import type { GeneratedRun } from './generate.js'
import { time } from './measure.js'
import { type QueryJob, type ShapeLatencies, shapeLatenciesSchema } from './query-job.js'
import { readSamples } from './query-samples.js'
import { queryShapes } from './query-shapes.js'
import { questionPath } from './question-path.js'
import { runScript } from './run-script.js'
import { ServeProcess } from './serve-process.js'
import { segmentOf } from './write-run.js'

/** How long answers take, and what serving them takes. */
export interface QueryFigures {
  readonly events: number
  /** Calls of each shape. */
  readonly rounds: number
  readonly layer: ShapeLatencies
  readonly http: ShapeLatencies
  /** Bytes of resident memory of the server, at the most. */
  readonly serveMemory: number
  readonly duckDb: DuckDbQueryFigures
}

/** How long DuckDB takes for the same, from its own table and from the file. */
export interface DuckDbQueryFigures {
  readonly table: ShapeLatencies
  readonly tableRounds: number
  readonly file: ShapeLatencies
  readonly fileRounds: number
}

const ROUNDS = 500
const SEED = 11
const PEER_TABLE_ROUNDS = 20
const PEER_FILE_ROUNDS = 3

/** Asks questions of every shape about an indexed run: in the query layer, over HTTP, and of DuckDB. */
export async function measureQueries(run: GeneratedRun, db: string): Promise<QueryFigures> {
  const samples = await readSamples(db, run)
  const job: QueryJob = { run, db, samples, rounds: ROUNDS }
  const layer = shapeLatenciesSchema.parse(await runScript('./query-run.js', job))
  const { http, serveMemory } = await measureHttp(job)
  return {
    events: run.events,
    rounds: ROUNDS,
    layer,
    http,
    serveMemory,
    duckDb: await askDuckDb(job),
  }
}

async function measureHttp({
  run,
  db,
  samples,
  rounds,
}: QueryJob): Promise<Pick<QueryFigures, 'http' | 'serveMemory'>> {
  const server = await ServeProcess.start(run.root, db)
  try {
    const http: ShapeLatencies = {}
    for (const [name, shape] of Object.entries(queryShapes(run, samples, SEED))) {
      http[name] = await time(rounds, () => server.get(questionPath(run.simulationId, shape())))
    }
    return { http, serveMemory: (await server.report()).memory }
  } finally {
    await server.stop()
  }
}

async function askDuckDb(job: QueryJob): Promise<DuckDbQueryFigures> {
  const directory = `${job.run.root}.peers`
  const rounds = { tableRounds: PEER_TABLE_ROUNDS, fileRounds: PEER_FILE_ROUNDS }
  mkdirSync(directory, { recursive: true })
  const duckDbJob: DuckDbJob = {
    segment: segmentOf(job.run),
    directory,
    queries: { ...job, rounds: rounds.tableRounds, fileRounds: rounds.fileRounds },
  }
  const { table, file } = duckDbResultSchema.parse(await runScript('./duckdb-run.js', duckDbJob))
  rmSync(directory, { recursive: true })
  return { table, file, ...rounds }
}
