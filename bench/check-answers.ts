import type { DuckDBConnection } from '@duckdb/node-api'
import { SidecarReader } from '../src/sidecar/sidecar-reader.js'
import { askSidecar, idOf } from './ask-sidecar.js'
import type { QueryJob } from './query-job.js'
import type { QueryShape } from './query-shapes.js'
import { questionSql } from './question-sql.js'

const QUESTIONS_PER_SHAPE = 3

/**
 * Asks turnlog and DuckDB the same questions: times of different answers could
 * not be compared.
 *
 * @throws Error when they differ in the events, their order or the total
 */
export async function checkAnswers(
  connection: DuckDBConnection,
  table: string,
  { db, run }: QueryJob,
  shapes: readonly (readonly [name: string, shape: QueryShape])[],
): Promise<void> {
  const reader = new SidecarReader(db)
  for (const [name, shape] of shapes) {
    for (let asked = 0; asked < QUESTIONS_PER_SHAPE; asked++) {
      const question = shape()
      const { events, total } = await reader.read((snapshot) =>
        askSidecar(snapshot, run.simulationId, question),
      )
      const result = await connection.runAndReadAll(questionSql(table, question))
      const theirs = result
        .getRowsJson()
        .map(([first]) => (typeof first === 'string' ? first : JSON.stringify(first)))
      const ours = question.kind === 'total' ? [String(total)] : events.map(idOf)
      if (ours.join() === theirs.join()) continue
      throw new Error(`${name}: turnlog has ${ours.join() || 'nothing'}, DuckDB ${theirs.join()}`)
    }
  }
  await reader.close()
}
