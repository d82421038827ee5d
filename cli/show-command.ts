import type { Command } from 'commander'
import { addLocationOptions } from './location.js'
import { withRuns } from './open-runs.js'
import { type Output, writeLine } from './output.js'

interface ShowOptions {
  readonly json?: true
}

/** `turnlog show`: one event. */
export function addShowCommand(program: Command, output: Output): void {
  const command = program
    .command('show')
    .summary('show one event')
    .description('Shows one event of a run, with everything that was recorded.')
    .argument('<run>', 'id of the run: the name of its directory')
    .argument('<event>', 'id of the event')
  addLocationOptions(command)
    .option('--json', 'print the event on one line, exactly as it was recorded')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog show market-1 01K6QJDKX23Q3A3C5ZRT9M22E7
  $ turnlog show market-1 01K6QJDKX23Q3A3C5ZRT9M22E7 --json | jq .details`,
    )
    .action(async (run: string, event: string, { json }: ShowOptions) => {
      const text = await withRuns(command, ({ runs }) => runs.event(run, event))
      if (json === true) {
        writeLine(output.out, text)
        return
      }
      const { indentJson } = await import('./indent-json.js')
      const { coloursFor } = await import('./colour.js')
      writeLine(output.out, indentJson(text, coloursFor(output.out)))
    })
}
