import type { Command } from 'commander'
import type { VerifyReport } from '../indexer/verify-root.js'
import type { Difference } from '../indexer/verify-simulation.js'
import { EXIT_CODES, type Finish } from './exit-code.js'
import { addLocationOptions, locate } from './location.js'
import { bytes, count, type Output, writeLine } from './output.js'

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
        'Reads every segment and holds each line against the sidecar. Exits with 1 when they differ.',
      ),
  )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog verify --root output
  $ turnlog verify --root output --db runs.db --json`,
    )
    .action(async (options: VerifyOptions, command: Command) => {
      const { verifyRoot } = await import('../indexer/verify-root.js')
      const report = verifyRoot(locate(command))
      if (options.json === true) writeLine(output.out, JSON.stringify(report))
      else describeVerification(report, output)
      if (!report.equal) finish(EXIT_CODES.problem)
    })
}

function describeVerification(report: VerifyReport, output: Output): void {
  const read = `${count(report.events, 'event')}, ${count(report.rejects, 'reject')}, ${count(report.duplicates, 'duplicate')} in ${count(report.segments, 'segment')} (${bytes(report.bytes)}, ${report.seconds} s)`
  if (report.equal) {
    writeLine(output.out, `equal: the sidecar says exactly what the segments say: ${read}`)
    return
  }
  writeLine(output.out, `not equal: ${count(report.difference_count, 'difference')} in ${read}`)
  for (const difference of report.differences) {
    writeLine(output.out, `  ${describePlace(difference)}${difference.problem}`)
  }
  const more = report.difference_count - report.differences.length
  if (more > 0) writeLine(output.out, `  … and ${count(more, 'more difference')}`)
  writeLine(
    output.out,
    '`turnlog index` reads what is new; `turnlog reindex` builds the sidecar anew',
  )
}

function describePlace({ simulation_id: simulation, segment, offset }: Difference): string {
  if (simulation === undefined) return ''
  const file = segment === undefined ? simulation : `${simulation}/${segment}`
  return offset === undefined ? `${file}: ` : `${file} at ${offset}: `
}
