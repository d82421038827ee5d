import type { Command } from 'commander'
import { SERVER_SETTINGS } from '../src/settings.js'
import { interruption, untilAborted } from './interruption.js'
import { addLocationOptions, locate } from './location.js'
import { type Output, writeLine } from './output.js'
import { addSettings, readSettings } from './read-settings.js'

interface ServeOptions {
  readonly json?: true
}

/** `turnlog serve`: answers over HTTP and keeps the sidecar up with the files. */
export function addServeCommand(program: Command, output: Output): void {
  const command = program
    .command('serve')
    .summary('answer over HTTP, following the files')
    .description('Answers over HTTP and indexes what is written while it does.')
  addSettings(addLocationOptions(command), SERVER_SETTINGS)
    .option('--json', 'print one JSON object when it is ready')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog serve --root output
  $ turnlog serve --root output --host 127.0.0.1 --port 9000
  $ turnlog serve --db runs.db --no-follow`,
    )
    .action(async ({ json }: ServeOptions) => {
      const settings = readSettings(command, SERVER_SETTINGS)
      const { startService } = await import('./service.js')
      const interrupted = interruption()
      const location = locate(command)
      const service = await startService({ ...settings, ...location }, output)
      const { url } = service
      writeLine(
        output.out,
        json === true ? JSON.stringify({ url, ...location }) : `listening on ${url}`,
      )
      await untilAborted(interrupted)
      await service.stop()
    })
}
