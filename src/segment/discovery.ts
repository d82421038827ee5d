import { accessSync, constants, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fastGlob from 'fast-glob'
import { systemErrorCode, TurnlogError } from '../errors.js'
import { CONTROL_DIRECTORY } from '../event/simulation-id.js'
import { compareSegmentNames, SEGMENT_PATTERN } from './segment-name.js'

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

/**
 * Lists the runs directly under an output root and their segments.
 *
 * @throws TurnlogError ROOT_NOT_FOUND when the root is missing, no directory, or unreadable
 */
export function discoverSegments(root: string): Discovery {
  assertReadableDirectory(root)
  const options = {
    cwd: root,
    dot: true,
    ignore: [`${CONTROL_DIRECTORY}/**`],
    suppressErrors: true,
    caseSensitiveMatch: true,
  }
  const entries = fastGlob.sync(`*/${SEGMENT_PATTERN}`, {
    ...options,
    onlyFiles: true,
    stats: true,
  })
  const byId = new Map<string, FoundSegment[]>()
  for (const { path, name, stats } of entries) {
    const id = path.slice(0, -name.length - 1)
    const segments = byId.get(id) ?? []
    segments.push({
      name,
      path: join(root, id, name),
      size: stats?.size ?? 0,
      device: stats?.dev ?? 0,
      inode: stats?.ino ?? 0,
      modifiedMs: stats?.mtimeMs ?? 0,
    })
    byId.set(id, segments)
  }
  const directories = fastGlob.sync('*', { ...options, onlyDirectories: true })
  return {
    simulations: [...byId]
      .map(([id, segments]) => ({ id, segments: segments.sort(byReadingOrder) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    problems: directories
      .filter((id) => !byId.has(id))
      .flatMap((id) => unreadable(join(root, id)))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

function byReadingOrder(a: FoundSegment, b: FoundSegment): number {
  return compareSegmentNames(a.name, b.name)
}

function unreadable(path: string): DiscoveryProblem[] {
  try {
    accessSync(path, constants.R_OK | constants.X_OK)
    return []
  } catch (error) {
    return [{ path, message: `cannot be read (${systemErrorCode(error) ?? 'unknown error'})` }]
  }
}

function assertReadableDirectory(root: string): void {
  try {
    readdirSync(root)
  } catch (cause) {
    const why: Partial<Record<string, string>> = {
      ENOENT: 'it does not exist',
      ENOTDIR: 'it is not a directory',
      EACCES: 'permission denied',
    }
    const code = systemErrorCode(cause) ?? 'unknown error'
    throw new TurnlogError('ROOT_NOT_FOUND', {
      message: `read the output root ${root}: ${why[code] ?? code}`,
      hint: 'give the directory that holds one directory per simulation, e.g. --root output',
      cause,
    })
  }
}
