import type { Verbosity } from '../../src/event/verbosity.js'
import { createMarket } from '../../examples/market.js'

/** A demo run on disk. */
export interface RecordedDemo {
  readonly simulationId: string
  readonly directory: string
  readonly events: number
}

/**
 * Plays the market of `examples/market.ts` and records it below `root`.
 *
 * @throws TurnlogError when the directory cannot be written
 */
export async function recordDemo(
  outputRoot: string,
  eventVerbosity: Verbosity = 'DETAIL',
): Promise<RecordedDemo> {
  const { simulationId, directory, recording } = await createMarket({
    outputRoot,
    eventVerbosity,
  }).run()
  return { simulationId, directory, events: recording.stats.written }
}
