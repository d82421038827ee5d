/**
 * A process that lets DuckDB load a segment with types, and asks it what
 * turnlog is asked, of its table and of the file as it is: takes a `DuckDbJob`
 * as its argument, prints a `DuckDbResult`.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { checkAnswers } from './check-answers.js'
import { type DuckDbJob, duckDbJobSchema, type DuckDbResult } from './duckdb-job.js'
import { time } from './measure.js'
import type { QueryJob, ShapeLatencies } from './query-job.js'
import { PEER_SHAPES, type QueryShape, queryShapes } from './query-shapes.js'
import { literal, questionSql } from './question-sql.js'

const TABLE = 'event'
const COLUMNS = `{event_id: 'VARCHAR', timestamp: 'TIMESTAMPTZ', turn_number: 'BIGINT',
  event_type: 'VARCHAR', simulation_id: 'VARCHAR', agent_id: 'VARCHAR', caused_by: 'VARCHAR[]',
  description: 'VARCHAR', details: 'JSON'}`
const SEED = 7

async function measure({ segment, directory, queries }: DuckDbJob): Promise<DuckDbResult> {
  const path = join(directory, 'events.duckdb')
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  const file = `read_json(${literal(segment)}, columns = ${COLUMNS}, format = 'newline_delimited')`
  const startedAt = performance.now()
  await connection.run(`CREATE TABLE ${TABLE} AS SELECT * FROM ${file}`)
  await connection.run('CHECKPOINT')
  const seconds = (performance.now() - startedAt) / 1000
  const counted = await connection.runAndReadAll(`SELECT count(*), version() FROM ${TABLE}`)
  const [events, version] = counted.getRows()[0] ?? []
  const load = { events: Number(events), seconds, size: statSync(path).size }
  const result: DuckDbResult = { version: String(version), load, table: {}, file: {} }
  if (queries !== undefined) {
    await checkAnswers(connection, TABLE, queries, peerShapes(queries))
    result.table = await measureQueries(connection, TABLE, queries, queries.rounds)
    result.file = await measureQueries(connection, file, queries, queries.fileRounds)
  }
  connection.closeSync()
  instance.closeSync()
  return result
}

async function measureQueries(
  connection: DuckDBConnection,
  source: string,
  job: QueryJob,
  rounds: number,
): Promise<ShapeLatencies> {
  const latencies: ShapeLatencies = {}
  for (const [name, shape] of peerShapes(job)) {
    latencies[name] = await time(rounds, () =>
      connection.runAndReadAll(questionSql(source, shape())),
    )
  }
  return latencies
}

function peerShapes({ run, samples }: QueryJob): [name: string, shape: QueryShape][] {
  const shapes = Object.entries(queryShapes(run, samples, SEED))
  return shapes.filter(([name]) => PEER_SHAPES.includes(name))
}

const result = await measure(duckDbJobSchema.parse(JSON.parse(process.argv[2] ?? '')))
process.stdout.write(JSON.stringify(result))
