import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ACTIVE_SEGMENT } from '../src/segment/segment-name.js'
import { type GeneratedRun, generateEvents } from './generate.js'

const FLUSH_CHARACTERS = 1024 * 1024

/** Where a generated run is: it has one segment. */
export function segmentOf({ root, simulationId }: GeneratedRun): string {
  return join(root, simulationId, ACTIVE_SEGMENT)
}

/** Writes a generated run to disk. @returns its size in bytes */
export function writeRun(run: GeneratedRun): number {
  mkdirSync(join(run.root, run.simulationId), { recursive: true })
  const fd = openSync(segmentOf(run), 'w')
  let written = 0
  let pending = ''
  const flush = (): void => {
    written += writeSync(fd, pending)
    pending = ''
  }
  for (const line of generateEvents(run)) {
    pending += `${line}\n`
    if (pending.length >= FLUSH_CHARACTERS) flush()
  }
  flush()
  closeSync(fd)
  return written
}
