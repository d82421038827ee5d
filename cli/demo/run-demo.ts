import { TurnlogError } from '../../src/errors.js'
import { defaultServerSettings } from '../../src/settings.js'
import { interruption, untilAborted } from '../interruption.js'
import type { Location } from '../location.js'
import { count, type Output, writeLine } from '../output.js'
import { type Service, startService } from '../service.js'
import { showAnswers } from './answers.js'
import { recordDemo } from './record.js'
import { showVerbosityMatrix } from './verbosity-matrix.js'

/** What `turnlog demo` is asked for. */
export interface DemoOptions extends Location {
  readonly port: number
  readonly once: boolean
}

/** Records, serves, asks, and goes on serving unless it is to end by itself. */
export async function runDemo(options: DemoOptions, output: Output): Promise<void> {
  const interrupted = interruption()
  const recorded = await recordDemo(options.root)
  writeLine(output.out, `Recorded ${count(recorded.events, 'event')} in ${recorded.directory}`)

  const service = await serveOnFreePort(options, output)
  try {
    writeLine(output.out, `Indexed into ${options.db} and listening on ${service.url}`)
    await showAnswers(service.url, recorded.simulationId, output)
    await showVerbosityMatrix(output)
    if (options.once) return
    writeLine(
      output.out,
      `Still listening on ${service.url}. Repeat the lines above, or press Ctrl-C.`,
    )
    await untilAborted(interrupted)
  } finally {
    await service.stop()
  }
}

async function serveOnFreePort({ root, db, port }: DemoOptions, output: Output): Promise<Service> {
  const options = { ...defaultServerSettings(), root, db, port }
  try {
    return await startService(options, output)
  } catch (error) {
    if (!(error instanceof TurnlogError) || error.code !== 'PORT_UNAVAILABLE') throw error
    return startService({ ...options, port: 0 }, output)
  }
}
