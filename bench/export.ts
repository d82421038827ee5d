import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ExportFormat } from '../cli/export/format-names.js'
import { type ExportJob, exportResultSchema } from './export-job.js'
import type { GeneratedRun } from './generate.js'
import { runScript } from './run-script.js'

/** How a run gets out of a sidecar again. */
export interface ExportFigures {
  readonly events: number
  readonly formats: readonly FormatFigures[]
}

/** One format. */
export interface FormatFigures {
  readonly format: ExportFormat
  /** Events per second. */
  readonly rate: number
  /** Bytes that were written. */
  readonly size: number
  /** Bytes of resident memory, at the most. */
  readonly memory: number
}

/** The page is bounded, and no format for so many events. */
const FORMATS = ['parquet', 'csv', 'ndjson'] as const

/**
 * Exports an indexed run in each format, each in a process of its own.
 *
 * @throws Error when another number of events was exported
 */
export async function measureExport(
  { root, simulationId, events }: GeneratedRun,
  db: string,
): Promise<ExportFigures> {
  const formats: FormatFigures[] = []
  for (const format of FORMATS) {
    const output = join(`${root}.export`, format)
    const job: ExportJob = { db, simulationId, format, output }
    const result = exportResultSchema.parse(await runScript('./export-run.js', job))
    rmSync(`${root}.export`, { recursive: true })
    if (result.events !== events) {
      throw new Error(`exported ${result.events} of ${events} events as ${format}`)
    }
    const { size, memory, seconds } = result
    formats.push({ format, rate: events / seconds, size, memory })
  }
  return { events, formats }
}
