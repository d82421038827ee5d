import type { Command } from 'commander'
import { addLocationOptions } from './location.js'
import { withRuns } from './open-runs.js'
import { type Output, writeLine } from './output.js'

interface StatsOptions {
  readonly json?: true
}

/** `turnlog stats`: counts of a run, or of all of them. */
export function addStatsCommand(program: Command, output: Output): void {
  const command = program
    .command('stats')
    .summary('count events by type, agent and turn')
    .description(
      'Counts the events of a run by type, agent and turn, and shows its span, its segments, its rejects and its lag; without a run, of all of them together.',
    )
    .argument('[run]', 'id of the run: the name of its directory')
  addLocationOptions(command)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog stats --root output
  $ turnlog stats market-1 --root output
  $ turnlog stats market-1 --root output --json | jq .events_by_type`,
    )
    .action(async (run: string | undefined, { json }: StatsOptions) => {
      const { describeRun, describeTotals, readRunStats, readTotals } =
        await import('./stats/run-stats.js')
      await withRuns(command, async (open) => {
        if (run === undefined) {
          const totals = await readTotals(open)
          if (json === true) writeLine(output.out, JSON.stringify(totals))
          else describeTotals(totals, output)
          return
        }
        const stats = await readRunStats(open, run)
        if (json === true) writeLine(output.out, JSON.stringify(stats))
        else describeRun(stats, output)
      })
    })
}
