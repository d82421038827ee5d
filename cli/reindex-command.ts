import type { Command } from 'commander'
import { EXIT_CODES, type Finish } from './exit-code.js'
import { describeReport } from './index-command.js'
import { addLocationOptions, locate } from './location.js'
import { type Output, writeLine } from './output.js'
import { showProgress } from './progress.js'

interface ReindexOptions {
  readonly json?: true
}

/** `turnlog reindex`: builds the sidecar anew and swaps it in. */
export function addReindexCommand(program: Command, output: Output, finish: Finish): void {
  addLocationOptions(
    program
      .command('reindex')
      .summary('build the sidecar anew')
      .description(
        'Builds the sidecar anew from the segments, checks it, and swaps it in; the old one answers until then.',
      ),
  )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog reindex --root output
  $ turnlog reindex --root output --db runs.db --json`,
    )
    .action(async (options: ReindexOptions, command: Command) => {
      const { reindexRoot } = await import('../indexer/reindex.js')
      const { show: onProgress, end } = showProgress(output.err)
      const report = await reindexRoot({ ...locate(command), onProgress }).finally(end)
      if (options.json === true) writeLine(output.out, JSON.stringify(report))
      else describeReport(report, output)
      for (const { path, message } of report.problems) writeLine(output.err, `${path} ${message}`)
      if (report.problems.length > 0) finish(EXIT_CODES.problem)
    })
}
