/**
 * A process that measures the query layer: takes a `QueryJob` as its argument,
 * prints `ShapeLatencies`.
 */
import { SidecarReader } from '../src/sidecar/sidecar-reader.js'
import { askSidecar } from './ask-sidecar.js'
import { time } from './measure.js'
import { type QueryJob, queryJobSchema, type ShapeLatencies } from './query-job.js'
import { queryShapes } from './query-shapes.js'

const SEED = 7

async function measure({ run, db, samples, rounds }: QueryJob): Promise<ShapeLatencies> {
  const reader = new SidecarReader(db)
  const latencies: ShapeLatencies = {}
  for (const [name, shape] of Object.entries(queryShapes(run, samples, SEED))) {
    latencies[name] = await time(rounds, () =>
      reader.read((snapshot) => askSidecar(snapshot, run.simulationId, shape())),
    )
  }
  await reader.close()
  return latencies
}

const latencies = await measure(queryJobSchema.parse(JSON.parse(process.argv[2] ?? '')))
process.stdout.write(JSON.stringify(latencies))
