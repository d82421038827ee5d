import { join } from 'node:path'
import type { Verbosity } from '../../src/event/verbosity.js'
import { EventWriter } from '../../src/writer/event-writer.js'
import { playMarket, TRADERS } from './market.js'

/** A demo run on disk. */
export interface RecordedDemo {
  readonly simulationId: string
  readonly directory: string
  readonly events: number
}

const TURNS = 40
const SEED = 7

/** How a demo is recorded. */
export interface DemoRecording {
  readonly simulationId?: string
  readonly verbosity?: Verbosity
}

/**
 * Plays the market and records it below `root`.
 *
 * @throws TurnlogError when the directory cannot be written
 */
export async function recordDemo(
  root: string,
  { simulationId = demoRunId(new Date()), verbosity = 'DETAIL' }: DemoRecording = {},
): Promise<RecordedDemo> {
  const writer = new EventWriter({ outputDir: root, simulationId, verbosity }).start()
  try {
    playMarket({ simulationId, turns: TURNS, seed: SEED, emit: (event) => writer.emit(event) })
  } finally {
    await writer.stop()
  }
  return { simulationId, directory: join(root, simulationId), events: writer.stats().written }
}

/** `market-YYYYMMDD-HHMMSS-4agents`, in UTC. */
function demoRunId(at: Date): string {
  const [date = '', time = ''] = at.toISOString().slice(0, 19).split('T')
  return `market-${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${TRADERS.length}agents`
}
