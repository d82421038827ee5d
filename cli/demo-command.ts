import { type Command } from 'commander'
import { TurnlogError } from '../src/errors.js'
import { SERVER_SETTINGS } from '../src/settings.js'
import { recordDemo } from './demo/record.js'
import { showAnswers } from './demo/answers.js'
import { showVerbosityMatrix } from './demo/verbosity-matrix.js'
import { interruption } from './interruption.js'
import { addLocationOptions, locate, type LocationOptions } from './location.js'
import { count, type Output, writeLine } from './output.js'
import { parsePort, type Service, type ServiceOptions, startService } from './serve-command.js'

interface DemoOptions extends LocationOptions {
  readonly port: number
  readonly once?: true
}

/** `turnlog demo`: a recorded, indexed and served simulation, and questions to it. */
export function addDemoCommand(program: Command, output: Output): void {
  const { port } = SERVER_SETTINGS
  addLocationOptions(
    program
      .command('demo')
      .summary('record a small simulation, serve it, ask it questions')
      .description(
        'Records a market of four traders, indexes it, serves it, and asks it questions.',
      ),
  )
    .option(
      port.flag,
      `${port.help}; a free one is taken when it is in use`,
      parsePort,
      port.default,
    )
    .option('--once', 'end when the questions are answered')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog demo
  $ turnlog demo --once --port 0`,
    )
    .action(async (options: DemoOptions) => {
      await runDemo(options, output)
    })
}

async function runDemo(options: DemoOptions, output: Output): Promise<void> {
  const location = locate(options)
  const interrupted = interruption()
  const recorded = await recordDemo(location.root)
  writeLine(output.out, `Recorded ${count(recorded.events, 'event')} in ${recorded.directory}`)

  const service = await serveOnFreePort(
    { ...location, ...options, ...location, follow: true },
    output,
  )
  try {
    writeLine(output.out, `Indexed into ${location.db} and listening on ${service.url}`)
    await showAnswers(service.url, recorded.simulationId, output)
    await showVerbosityMatrix(output)
    if (options.once === true) return
    writeLine(
      output.out,
      `Still listening on ${service.url}. Repeat the lines above, or press Ctrl-C.`,
    )
    await new Promise((resolve) => {
      interrupted.addEventListener('abort', resolve, { once: true })
    })
  } finally {
    await service.stop()
  }
}

async function serveOnFreePort(
  options: Omit<ServiceOptions, 'host'>,
  output: Output,
): Promise<Service> {
  const host = SERVER_SETTINGS.host.default
  try {
    return await startService({ ...options, host }, output)
  } catch (error) {
    if (!(error instanceof TurnlogError) || error.code !== 'PORT_UNAVAILABLE') throw error
    return startService({ ...options, host, port: 0 }, output)
  }
}
