import type { IndexReport } from '../indexer/index-root.js'
import { EXIT_CODES, type Finish } from './exit-code.js'
import { interruption } from './interruption.js'
import { bytes, count, type Output, writeLine } from './output.js'
import { type PhasesDisplay, showPhases } from './progress.js'

/** How a command that fills the sidecar is run and reported. */
export interface IngestRun {
  readonly json: boolean
  /** What is left when it is interrupted, for people. */
  readonly whenInterrupted: string
  readonly work: (
    told: Pick<PhasesDisplay, 'onProgress' | 'onSearchProgress'> & { readonly signal: AbortSignal },
  ) => Promise<IndexReport>
}

/** Runs it with its progress shown, prints its report, and ends it in order on Ctrl-C. */
export async function runIngest(run: IngestRun, output: Output, finish: Finish): Promise<void> {
  const signal = interruption()
  const { end, ...told } = showPhases(output.err)
  let report: IndexReport | undefined
  try {
    report = await run.work({ ...told, signal }).finally(end)
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
  }
  if (report !== undefined) reportIngest(report, run.json, output)
  if (signal.aborted) {
    writeLine(output.err, `turnlog: interrupted; ${run.whenInterrupted}`)
    finish(EXIT_CODES.interrupted)
  } else if (report !== undefined && report.problems.length > 0) finish(EXIT_CODES.problem)
}

function reportIngest(report: IndexReport, json: boolean, output: Output): void {
  if (json) writeLine(output.out, JSON.stringify(report))
  else describeReport(report, output)
  for (const { path, message } of report.problems) writeLine(output.err, `${path} ${message}`)
}

/** What was read, what the sidecar holds now, and what was made searchable. */
function describeReport(report: IndexReport, output: Output): void {
  const { simulations, segments, seconds, total, search } = report
  writeLine(
    output.out,
    `read ${count(report.events, 'new event')} (${bytes(report.bytes)}) from ${count(simulations, 'simulation')} in ${count(segments, 'segment')}, in ${seconds} s`,
  )
  writeLine(
    output.out,
    `the sidecar holds ${count(total.events, 'event')}; ${count(total.rejects, 'reject')}, ${count(total.duplicates, 'duplicate')}`,
  )
  if (search !== undefined) {
    const made = `made ${count(search.events, 'event')} searchable, in ${search.seconds} s`
    writeLine(output.out, made)
  }
}
