import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { freeBytes, planReindex } from '../../indexer/plan-reindex.js'
import { assertReadableRoot, discoverSegments } from '../../src/segment/discovery.js'
import type { Location } from '../location.js'
import { bytes, count } from '../output.js'
import type { Check, Finding } from './finding.js'

type Found = Omit<Finding, 'check'>

/** So little room is as good as none. Bytes. */
const HARDLY_ANY = 16 * 1024 * 1024

/** Whether the root can be read, and written. */
export function rootCheck({ root }: Location): Check {
  return {
    name: 'root',
    *look() {
      assertReadableRoot(root)
      yield isAllowed(root, constants.W_OK)
        ? { status: 'ok', message: `${root} can be read and written` }
        : {
            status: 'note',
            message: `${root} can be read, but not written`,
            hint: 'nothing can be recorded there, and the sidecar has to be elsewhere: --db',
          }
    },
  }
}

/** Whether the runs can be read, and the sidecar can be written. */
export function placeChecks({ root, db }: Location): Check[] {
  return [
    { name: 'runs', needsRoot: true, look: () => lookAtRuns(root) },
    { name: 'sidecar directory', look: () => lookAtDirectory(db) },
    { name: 'disk', look: () => [lookAtSpace(db)] },
    { name: 'disk', needsRoot: true, look: () => lookAtNeed({ root, db }) },
  ]
}

function* lookAtRuns(root: string): Generator<Found> {
  const { simulations, problems } = discoverSegments(root)
  for (const { path, message } of problems) {
    const hint = 'give whoever runs turnlog the right to read it (chmod, chown)'
    yield { status: 'problem', message: `${path} ${message}`, hint }
  }
  const segments = simulations.flatMap((run) => run.segments)
  for (const { path } of segments) {
    if (isAllowed(path, constants.R_OK)) continue
    const hint = 'give whoever runs turnlog the right to read it (chmod, chown)'
    yield { status: 'problem', message: `${path} cannot be read`, hint }
  }
  const size = bytes(segments.reduce((sum, segment) => sum + segment.size, 0))
  const message = `${count(simulations.length, 'run')} in ${count(segments.length, 'segment')}, ${size}`
  if (simulations.length > 0) yield { status: 'ok', message }
  else {
    const hint = `a run is a directory in ${root} with an events.jsonl`
    yield { status: 'note', message: 'there are no runs', hint }
  }
}

function* lookAtDirectory(db: string): Generator<Found> {
  const directory = dirname(db)
  const hint = 'give whoever runs `turnlog index` the right to write it, or give another --db'
  const existing = nearestExisting(directory)
  if (!statSync(existing).isDirectory()) {
    yield { status: 'problem', message: `${existing} is not a directory`, hint }
  } else if (!isAllowed(existing, constants.W_OK | constants.X_OK)) {
    yield { status: 'problem', message: `${existing} cannot be written`, hint }
  } else if (existsSync(db) && !isAllowed(db, constants.R_OK | constants.W_OK)) {
    yield { status: 'problem', message: `${db} cannot be read and written`, hint }
  } else {
    const state = existing === directory ? 'can be written' : 'does not exist, and can be made'
    yield { status: 'ok', message: `${directory} ${state}` }
  }
}

function lookAtSpace(db: string): Found {
  const free = freeBytes(dirname(db))
  if (free >= HARDLY_ANY) return { status: 'ok', message: `${bytes(free)} are free` }
  const hint = 'make room: until then nothing new is indexed, and perhaps nothing recorded'
  return { status: 'problem', message: `only ${bytes(free)} are free`, hint }
}

/** Nothing where a reindex has room enough. */
function* lookAtNeed({ root, db }: Location): Generator<Found> {
  const { needed_bytes: needed, free_bytes: free } = planReindex({ root, db, search: true })
  if (needed <= free) return
  const message = `\`turnlog reindex\` would need up to ${bytes(needed)}, and ${bytes(free)} are free`
  yield { status: 'note', message, hint: 'make room before you reindex' }
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path))
}
