import { TurnlogError } from '../../src/errors.js'
import { SERVER_SETTINGS } from '../../src/settings.js'
import { interruption } from '../interruption.js'
import { locate, type LocationOptions } from '../location.js'
import { count, type Output, writeLine } from '../output.js'
import { type Service, type ServiceOptions, startService } from '../service.js'
import { showAnswers } from './answers.js'
import { recordDemo } from './record.js'
import { showVerbosityMatrix } from './verbosity-matrix.js'

/** What the flags of `turnlog demo` parse to. */
export interface DemoOptions extends LocationOptions {
  readonly port: number
  readonly once?: true
}

/** Records, serves, asks, and goes on serving unless it is to end by itself. */
export async function runDemo(options: DemoOptions, output: Output): Promise<void> {
  const location = locate(options)
  const interrupted = interruption()
  const recorded = await recordDemo(location.root)
  writeLine(output.out, `Recorded ${count(recorded.events, 'event')} in ${recorded.directory}`)

  const service = await serveOnFreePort({ ...options, ...location, follow: true }, output)
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
