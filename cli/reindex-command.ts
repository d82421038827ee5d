import type { Command } from 'commander'
import { SEARCH_SETTINGS } from '../src/settings.js'
import { EXIT_CODES, type Finish } from './exit-code.js'
import { describeReport } from './index-command.js'
import { addLocationOptions, locate } from './location.js'
import { type Output, writeLine } from './output.js'
import { showPhases } from './progress.js'
import { addSettings, readSettings } from './read-settings.js'

interface ReindexOptions {
  readonly json?: true
}

/** `turnlog reindex`: builds the sidecar anew and swaps it in. */
export function addReindexCommand(program: Command, output: Output, finish: Finish): void {
  const command = program
    .command('reindex')
    .summary('build the sidecar anew')
    .description(
      'Builds the sidecar anew from the segments, checks it, swaps it in, and makes it searchable; the old one answers until it is swapped.',
    )
  addSettings(addLocationOptions(command), SEARCH_SETTINGS)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog reindex --root output
  $ turnlog reindex --root output --db runs.db --json`,
    )
    .action(async (options: ReindexOptions) => {
      const settings = { ...locate(command), ...readSettings(command, SEARCH_SETTINGS) }
      const { reindexRoot } = await import('../indexer/reindex.js')
      const { end, ...told } = showPhases(output.err)
      const report = await reindexRoot({ ...settings, ...told }).finally(end)
      if (options.json === true) writeLine(output.out, JSON.stringify(report))
      else describeReport(report, output)
      for (const { path, message } of report.problems) writeLine(output.err, `${path} ${message}`)
      if (report.problems.length > 0) finish(EXIT_CODES.problem)
    })
}
