import type { Command } from 'commander'
import { addLocationOptions } from './location.js'
import { withRuns } from './open-runs.js'
import { type Output, writeLine } from './output.js'

interface RejectsOptions {
  readonly json?: true
}

/** `turnlog rejects`: lines that are no events. */
export function addRejectsCommand(program: Command, output: Output): void {
  const command = program
    .command('rejects')
    .summary('list lines that are no events')
    .description(
      'Lists the lines of a run that could not be read as events: where each stands, why it was refused, and how it begins; without a run, of all of them.',
    )
    .argument('[run]', 'id of the run: the name of its directory')
  addLocationOptions(command)
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog rejects --root output
  $ turnlog rejects market-1 --root output --json | jq -r .reason | sort | uniq -c`,
    )
    .action(async (run: string | undefined, { json }: RejectsOptions) => {
      const { readRejects, REJECT_COLUMNS, rejectLines, toRejectRow } =
        await import('./rejects/read-rejects.js')
      const { streamTable } = await import('./streamed-table.js')
      const { writePieces } = await import('./write-pieces.js')
      let shown = 0
      await withRuns(command, async (open) => {
        const parts = async function* () {
          for await (const part of readRejects(open, run)) {
            shown += part.length
            yield part
          }
        }
        await writePieces(
          output.out,
          json === true
            ? rejectLines(parts())
            : streamTable(REJECT_COLUMNS, parts(), toRejectRow, output.out.columns),
        )
      })
      if (shown === 0 && json !== true) writeLine(output.err, 'every line is an event')
    })
}
