/**
 * A process that exports a run: takes an `ExportJob` as its argument, prints an
 * `ExportResult`.
 */
import { exportToFiles } from '../cli/export/export-runs.js'
import { exportJobSchema, type ExportResult } from './export-job.js'

const { db, simulationId, format, output } = exportJobSchema.parse(
  JSON.parse(process.argv[2] ?? ''),
)
const startedAt = performance.now()
const { signal } = new AbortController()
const request = { db, runs: [simulationId], format, filter: {}, signal }
const { runs } = await exportToFiles(request, output, true)
const seconds = (performance.now() - startedAt) / 1000
const [run] = runs
if (run === undefined) throw new Error('nothing was exported')
const memory = process.resourceUsage().maxRSS * 1024
const result: ExportResult = { events: run.events, seconds, size: run.bytes, memory }
process.stdout.write(JSON.stringify(result))
