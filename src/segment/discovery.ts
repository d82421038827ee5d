import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fastGlob from 'fast-glob'
import { systemErrorCode, TurnlogError } from '../errors.js'
import { CONTROL_DIRECTORY } from '../event/simulation-id.js'
import { compareSegmentNames, isSegmentName } from './segment-name.js'

/** A segment as the file system shows it. */
export interface FoundSegment {
  readonly name: string
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Device, inode and time of the last change (milliseconds): while they and the size stay, so did the content. */
  readonly device: number
  readonly inode: number
  readonly modifiedMs: number
}

/** A run and its segments, in reading order. */
export interface FoundSimulation {
  readonly id: string
  readonly segments: readonly FoundSegment[]
}

/** Something under the root that could not be read. */
export interface DiscoveryProblem {
  readonly path: string
  readonly message: string
}

/** What lies under an output root. */
export interface Discovery {
  /** Sorted by id; a directory without event files is no simulation. */
  readonly simulations: readonly FoundSimulation[]
  readonly problems: readonly DiscoveryProblem[]
}

/** A run changed again and again while it was listed, or since it was: it is to be listed anew. */
export class StaleListingError extends Error {}

/**
 * Lists the runs directly under an output root and their segments. Links are
 * followed, and a linked run has the name of its link.
 *
 * @throws TurnlogError ROOT_NOT_FOUND when the root is missing, no directory, or unreadable
 */
export function discoverSegments(root: string): Discovery {
  assertReadableRoot(root)
  const ids = fastGlob
    .sync('*', { cwd: root, onlyDirectories: true, dot: true, suppressErrors: true })
    .filter((id) => id !== CONTROL_DIRECTORY)
    .sort()
  return listSimulations(root, ids)
}

/** Lists the segments of some runs; those that have none are left out. */
export function listSimulations(root: string, ids: readonly string[]): Discovery {
  const simulations: FoundSimulation[] = []
  const problems: DiscoveryProblem[] = []
  for (const id of ids) {
    const path = join(root, id)
    try {
      const segments = listSegments(root, id)
      if (segments.length > 0) simulations.push({ id, segments })
      else if (isMisspelled(path)) problems.push({ path, message: 'its name is not valid UTF-8' })
    } catch (error) {
      problems.push({ path, message: `cannot be read (${whyNot(error)})` })
    }
  }
  return { simulations, problems }
}

const LEADS_NOWHERE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP'])

/** A run that is rotated each time it is looked at is left for another time. */
const MAX_LISTINGS = 10

/**
 * Lists the segments of one run, in reading order; none when its directory is
 * missing. Whatever is renamed meanwhile is in the list, once: it is made again
 * until the directory reads the same before and after.
 *
 * @throws StaleListingError when it never does, or the file system's error when
 *   the directory cannot be read
 */
export function listSegments(root: string, simulationId: string): FoundSegment[] {
  const directory = join(root, simulationId)
  let names = segmentNames(directory)
  for (let listing = 1; listing <= MAX_LISTINGS; listing++) {
    const segments = names.flatMap((name) => findSegment(directory, name))
    const namesAfter = segmentNames(directory)
    if (names.join('/') === namesAfter.join('/')) return segments.filter(isFirstName)
    names = namesAfter
  }
  throw new StaleListingError(
    `${directory} changed each of the ${MAX_LISTINGS} times it was listed`,
  )
}

/**
 * A segment that is being sealed has two names for a moment, and after a crash
 * until the next writer comes: it is one segment, under the name read first.
 */
function isFirstName(segment: FoundSegment, index: number, all: readonly FoundSegment[]): boolean {
  const first = all.findIndex(
    ({ inode, device, size, modifiedMs }) =>
      inode === segment.inode &&
      device === segment.device &&
      size === segment.size &&
      modifiedMs === segment.modifiedMs,
  )
  return first === index
}

function segmentNames(directory: string): string[] {
  try {
    return readdirSync(directory).filter(isSegmentName).sort(compareSegmentNames)
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw error
  }
}

/** None for a directory, a pipe, or a link that leads nowhere: nothing an event can be read from. */
function findSegment(directory: string, name: string): FoundSegment[] {
  const path = join(directory, name)
  try {
    const stats = statSync(path)
    if (!stats.isFile()) return []
    const { size, dev: device, ino: inode, mtimeMs: modifiedMs } = stats
    return [{ name, path, size, device, inode, modifiedMs }]
  } catch (error) {
    if (LEADS_NOWHERE.has(whyNot(error))) return []
    throw error
  }
}

/** Node replaces bytes that are no UTF-8, and then finds nothing under the name it gave. */
function isMisspelled(path: string): boolean {
  return path.includes('\ufffd') && !existsSync(path)
}

function whyNot(error: unknown): string {
  return systemErrorCode(error) ?? (error instanceof Error ? error.message : String(error))
}

/**
 * Makes sure of an output root before anything is made beside it.
 *
 * @throws TurnlogError ROOT_NOT_FOUND when the root is missing, no directory, or unreadable
 */
export function assertReadableRoot(root: string): void {
  try {
    readdirSync(root)
  } catch (cause) {
    const why: Partial<Record<string, string>> = {
      ENOENT: 'it does not exist',
      ENOTDIR: 'it is not a directory',
      EACCES: 'permission denied',
    }
    const code = whyNot(cause)
    throw new TurnlogError('ROOT_NOT_FOUND', {
      message: `read the output root ${root}: ${why[code] ?? code}`,
      hint: 'give the directory that holds one directory per simulation, e.g. --root output',
      cause,
    })
  }
}
