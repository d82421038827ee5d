import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EVENT_TYPES, type EventType } from '../../src/event/event-type.js'
import { type Verbosity, VERBOSITY_LEVELS } from '../../src/event/verbosity.js'
import { type Output, writeLine } from '../output.js'
import { ACTIVE_SEGMENT } from '../../src/segment/segment-name.js'
import { recordDemo } from './record.js'

const WIDTH = 11

/** Records the same market once at each level and shows what came of it, by type. */
export async function showVerbosityMatrix(output: Output): Promise<void> {
  writeLine(output.out, '\nThe same market recorded at each verbosity, events by type:\n')
  writeLine(output.out, `  ${['verbosity', ...EVENT_TYPES].map(cell).join('')}`)
  const root = mkdtempSync(join(tmpdir(), 'turnlog-demo-'))
  try {
    for (const verbosity of VERBOSITY_LEVELS) {
      const counts = await countRecorded(root, verbosity)
      const row = EVENT_TYPES.map((type) => String(counts.get(type) ?? '–'))
      writeLine(output.out, `  ${[verbosity, ...row].map(cell).join('')}`)
    }
  } finally {
    rmSync(root, { recursive: true })
  }
  writeLine(output.out, '')
}

async function countRecorded(
  root: string,
  verbosity: Verbosity,
): Promise<ReadonlyMap<EventType, number>> {
  const { directory } = await recordDemo(root, verbosity)
  const text = readFileSync(join(directory, ACTIVE_SEGMENT), 'utf8')
  const counts = new Map<EventType, number>()
  for (const type of EVENT_TYPES) {
    const found = text.split(`"event_type":"${type}"`).length - 1
    if (found > 0) counts.set(type, found)
  }
  return counts
}

function cell(text: string, column: number): string {
  return column === 0 ? text.padEnd(WIDTH) : text.padStart(WIDTH)
}
