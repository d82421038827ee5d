import type { Command } from 'commander'
import type { Difference } from '../indexer/difference.js'
import type { VerifyReport } from '../indexer/verify-root.js'
import { EXIT_CODES, type Finish } from './exit-code.js'
import { addLocationOptions, locate } from './location.js'
import { bytes, count, type Output, writeLine } from './output.js'
import { showProgress } from './progress.js'
import { printable } from './printable.js'

interface VerifyOptions {
  readonly json?: true
}

/** `turnlog verify`: proves that the sidecar says what the segments say, or says where not. */
export function addVerifyCommand(program: Command, output: Output, finish: Finish): void {
  addLocationOptions(
    program
      .command('verify')
      .summary('hold the sidecar against the segments')
      .description(
        'Reads every segment and holds each line against the sidecar. Exits with 1 when they differ, and names the segment, offset, event or row. With RUN only that run is compared.',
      )
      .argument('[run]', 'the one run to be compared'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog verify --root output
  $ turnlog verify market-1 --root output
  $ turnlog verify --root output --db runs.db --json`,
    )
    .action(async (run: string | undefined, options: VerifyOptions, command: Command) => {
      const { verifyRoot } = await import('../indexer/verify-root.js')
      // It reads from beginning to end at once: Ctrl-C ends it there and then.
      const { show, end } = showProgress(output.err, undefined, { keepsTerminal: true })
      let report: VerifyReport
      try {
        const simulation = run === undefined ? {} : { simulation: run }
        report = verifyRoot({ ...locate(command), ...simulation, onProgress: show })
      } finally {
        end()
      }
      if (options.json === true) writeLine(output.out, JSON.stringify(report))
      else describeVerification(report, run, output)
      if (!report.equal) finish(EXIT_CODES.problem)
    })
}

function describeVerification(report: VerifyReport, run: string | undefined, output: Output): void {
  const read = `${count(report.events, 'event')}, ${count(report.rejects, 'reject')}, ${count(report.duplicates, 'duplicate')} in ${count(report.segments, 'segment')} (${bytes(report.bytes)}, ${report.seconds} s)`
  if (report.equal) {
    writeLine(output.out, `equal: the sidecar says exactly what the segments say: ${read}`)
    return
  }
  writeLine(output.out, `not equal: ${count(report.difference_count, 'difference')} in ${read}`)
  for (const difference of report.differences) {
    writeLine(output.out, `  ${describePlace(difference)}${printable(difference.problem)}`)
  }
  const more = report.difference_count - report.differences.length
  if (more > 0) writeLine(output.out, `  … and ${count(more, 'more difference')}`)
  const anew = run === undefined ? 'the sidecar' : 'the run'
  const command = run === undefined ? 'turnlog reindex' : `turnlog reindex ${printable(run)}`
  writeLine(output.out, `\`turnlog index\` reads what is new; \`${command}\` builds ${anew} anew`)
}

function describePlace({
  simulation_id: simulation,
  segment,
  offset,
  table,
  row,
}: Difference): string {
  // An event is named by what is said of it.
  const inRow = row === undefined || table === 'event' ? '' : `row ${row} of ${table}: `
  if (simulation === undefined) return inRow
  const file = printable(segment === undefined ? simulation : `${simulation}/${segment}`)
  return `${file}${offset === undefined ? '' : ` at ${offset}`}: ${inRow}`
}
