import type { Command } from 'commander'
import type { ReindexPlan } from '../indexer/plan-reindex.js'
import { SEARCH_SETTINGS } from '../src/settings.js'
import { EXIT_CODES, type Finish } from './exit-code.js'
import { addLocationOptions, locate } from './location.js'
import { bytes, count, type Output, writeLine } from './output.js'
import { addSettings, readSettings } from './read-settings.js'
import { runIngest } from './run-ingest.js'
import { formatTable } from './table.js'

interface ReindexOptions {
  readonly dryRun?: true
  readonly json?: true
}

/** `turnlog reindex`: builds the sidecar anew and swaps it in, or reads one run anew. */
export function addReindexCommand(program: Command, output: Output, finish: Finish): void {
  const command = program
    .command('reindex')
    .summary('build the sidecar anew, or one run in it')
    .description(
      'Builds the sidecar anew from the segments, checks it, swaps it in, and makes it searchable; the old one answers until it is swapped. With RUN only that run is read anew, in the sidecar there is; it answers as before until all of it is read.',
    )
    .argument('[run]', 'the one run to be read anew')
  addSettings(addLocationOptions(command), SEARCH_SETTINGS)
    .option('--dry-run', 'say what would be read and how much room it takes; write nothing')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog reindex --root output
  $ turnlog reindex --root output --dry-run
  $ turnlog reindex market-1 --root output
  $ turnlog reindex --root output --db runs.db --json`,
    )
    .action(async (run: string | undefined, options: ReindexOptions) => {
      const settings = {
        ...locate(command),
        ...readSettings(command, SEARCH_SETTINGS),
        ...(run === undefined ? {} : { simulation: run }),
      }
      const json = options.json === true
      if (options.dryRun === true) {
        const { assertReplaceable } = await import('../indexer/assert-replaceable.js')
        const { planReindex } = await import('../indexer/plan-reindex.js')
        assertReplaceable(settings.db)
        const plan = planReindex(settings)
        if (json) writeLine(output.out, JSON.stringify(plan))
        else describePlan(plan, output)
        if (plan.problems.length > 0 || !hasRoom(plan)) finish(EXIT_CODES.problem)
        return
      }
      const { reindexRoot } = await import('../indexer/reindex.js')
      const { reindexRun } = await import('../indexer/reindex-run.js')
      const { simulation, ...whole } = settings
      await runIngest(
        {
          json,
          whenInterrupted:
            'the sidecar is a whole one: the one before, or the new one, whose rest `turnlog index` makes searchable',
          work: (told) =>
            simulation === undefined
              ? reindexRoot({ ...whole, ...told })
              : reindexRun({ ...whole, simulation, ...told }),
        },
        output,
        finish,
      )
    })
}

function hasRoom({ needed_bytes: needed, free_bytes: free }: ReindexPlan): boolean {
  return needed <= free
}

function describePlan(plan: ReindexPlan, output: Output): void {
  const { simulations, segments, problems } = plan
  output.out.write(
    formatTable(
      [{ title: 'run' }, { title: 'segments', align: 'right' }, { title: 'size', align: 'right' }],
      simulations.map((run) => [run.simulation_id, String(run.segments), bytes(run.bytes)]),
    ),
  )
  writeLine(
    output.out,
    `would read ${bytes(plan.bytes)} from ${count(simulations.length, 'simulation')} in ${count(segments, 'segment')}`,
  )
  const room = hasRoom(plan) ? '' : ': too little'
  writeLine(
    output.out,
    `would need up to ${bytes(plan.needed_bytes)} of disk, of ${bytes(plan.free_bytes)} that are free${room}`,
  )
  for (const { path, message } of problems) writeLine(output.err, `${path} ${message}`)
}
