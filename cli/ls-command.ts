import type { Command } from 'commander'
import type { SimulationItem } from '../src/query/list-simulations.js'
import { addLocationOptions } from './location.js'
import { noteLag, withRuns } from './open-runs.js'
import { bytes, number, type Output, writeLine } from './output.js'
import { type Column, formatTable } from './table.js'

interface LsOptions {
  readonly json?: true
}

/** A run, and how many bytes of it are not indexed. */
interface ListedRun extends SimulationItem {
  readonly lag_bytes: number
}

/** `turnlog ls`: the runs there are. */
export function addLsCommand(program: Command, output: Output): void {
  const command = program
    .command('ls')
    .summary('list the runs')
    .description(
      'Lists the runs that are indexed: when they began, their turns, events and rejects.',
    )
  addLocationOptions(command)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog ls --root output
  $ turnlog ls --root output --json | jq -r '.simulations[].id'`,
    )
    .action(async ({ json }: LsOptions) => {
      const simulations = await withRuns(command, async ({ reader }) => {
        const { listSimulations } = await import('../src/query/list-simulations.js')
        const { listLags } = await import('../src/query/list-lags.js')
        return reader.read(async (snapshot): Promise<ListedRun[]> => {
          const items = await listSimulations(snapshot)
          const lags = await listLags(snapshot)
          return items.map((item) => ({ ...item, lag_bytes: lags.get(item.id) ?? 0 }))
        })
      })
      if (json === true) writeLine(output.out, JSON.stringify({ simulations }))
      else describeRuns(simulations, output)
    })
}

const COLUMNS: readonly Column[] = [
  { title: 'run' },
  { title: 'start' },
  { title: 'turns', align: 'right' },
  { title: 'events', align: 'right' },
  { title: 'rejects', align: 'right' },
  { title: 'lag', align: 'right' },
]

function describeRuns(runs: readonly ListedRun[], output: Output): void {
  if (runs.length === 0) {
    writeLine(output.err, 'no run is indexed; `turnlog index` reads what is recorded')
    return
  }
  const rows = runs.map((run) => [
    run.id,
    run.start_time ?? '',
    describeTurns(run),
    number(run.event_count),
    number(run.reject_count),
    bytes(run.lag_bytes),
  ])
  output.out.write(formatTable(COLUMNS, rows))
  noteLag(
    output,
    runs.reduce((sum, run) => sum + run.lag_bytes, 0),
  )
}

/** `0–199`; empty without events. */
export function describeTurns({
  first_turn: first,
  last_turn: last,
}: Pick<SimulationItem, 'first_turn' | 'last_turn'>): string {
  return first === null || last === null ? '' : `${first}–${last}`
}
