import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { SERVER_SETTINGS } from '../src/settings.js'
import { interruption } from './interruption.js'
import { addLocationOptions, locate, type LocationOptions } from './location.js'
import { type Output, writeLine } from './output.js'

interface ServeOptions extends LocationOptions {
  readonly host: string
  readonly port: number
  readonly follow: boolean
}

/** `turnlog serve`: answers over HTTP and keeps the sidecar up with the files. */
export function addServeCommand(program: Command, output: Output): void {
  const { host, port } = SERVER_SETTINGS
  addLocationOptions(
    program
      .command('serve')
      .summary('answer over HTTP, following the files')
      .description('Answers over HTTP and indexes what is written while it does.'),
  )
    .option(host.flag, host.help, host.default)
    .option(port.flag, port.help, parsePort, port.default)
    .option('--no-follow', 'serve the sidecar as it is, without indexing')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog serve --root output
  $ turnlog serve --root output --host 127.0.0.1 --port 9000
  $ turnlog serve --db runs.db --no-follow`,
    )
    .action(async (options: ServeOptions) => {
      const { startService } = await import('./service.js')
      const interrupted = interruption()
      const service = await startService({ ...options, ...locate(options) }, output)
      writeLine(output.out, `listening on ${service.url}`)
      await new Promise((resolve) => {
        interrupted.addEventListener('abort', resolve, { once: true })
      })
      await service.stop()
    })
}

/** Reads a port off the command line. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535.')
}
