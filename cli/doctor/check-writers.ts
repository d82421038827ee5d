import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { ProcessLock } from '../../src/process-lock.js'
import { discoverSegments, type FoundSegment } from '../../src/segment/discovery.js'
import { ACTIVE_SEGMENT } from '../../src/segment/segment-name.js'
import { WRITER_LOCK } from '../../src/writer/open-recording.js'
import { count } from '../output.js'
import type { Check, Finding } from './finding.js'

type Found = Omit<Finding, 'check'>

/** Which runs are being recorded, and which end within a line. */
export function writerChecks(root: string): Check[] {
  return [
    { name: 'writers', needsRoot: true, look: () => [lookAtWriters(root)] },
    { name: 'torn tails', needsRoot: true, look: () => lookAtTails(root) },
  ]
}

function lookAtWriters(root: string): Found {
  const runs = discoverSegments(root).simulations.filter(({ id }) => isRecorded(root, id))
  return {
    status: 'ok',
    message:
      runs.length === 0
        ? 'no run is being recorded on this machine'
        : `${count(runs.length, 'run')} being recorded: ${runs.map(({ id }) => id).join(', ')}`,
  }
}

function isRecorded(root: string, run: string): boolean {
  return ProcessLock.isHeld(join(root, run, WRITER_LOCK))
}

function* lookAtTails(root: string): Generator<Found> {
  let torn = 0
  for (const { id, segments } of discoverSegments(root).simulations) {
    for (const segment of segments.filter(isTorn)) {
      if (segment.name === ACTIVE_SEGMENT && isRecorded(root, id)) continue
      torn++
      yield {
        status: 'note',
        message: `${id}/${segment.name} ends within a line, at ${segment.size}`,
        hint: 'its writer was killed; everything before that line is indexed, and a writer that goes on ends it',
      }
    }
  }
  if (torn === 0) yield { status: 'ok', message: 'every segment ends with a whole line' }
}

const NEWLINE = 0x0a

function isTorn({ path, size }: FoundSegment): boolean {
  if (size === 0) return false
  const fd = openSync(path, 'r')
  try {
    const last = Buffer.alloc(1)
    readSync(fd, last, 0, 1, size - 1)
    return last[0] !== NEWLINE
  } finally {
    closeSync(fd)
  }
}
