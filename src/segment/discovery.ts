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

const GLOB_OPTIONS = { dot: true, suppressErrors: true, caseSensitiveMatch: true }

/**
 * Lists the runs directly under an output root and their segments.
 *
 * @throws TurnlogError ROOT_NOT_FOUND when the root is missing, no directory, or unreadable
 */
export function discoverSegments(root: string): Discovery {
  assertReadableDirectory(root)
  const directories = fastGlob
    .sync('*', {
      ...GLOB_OPTIONS,
      cwd: root,
      onlyDirectories: true,
    })
    .filter((id) => id !== CONTROL_DIRECTORY)
    .sort()
  const simulations: FoundSimulation[] = []
  const problems: DiscoveryProblem[] = []
  for (const id of directories) {
    const segments = listSegments(root, id)
    if (segments.length > 0) simulations.push({ id, segments })
    else problems.push(...unreadable(join(root, id)))
  }
  return { simulations, problems }
}

/** The segments of one run, in reading order; none when its directory is missing. */
export function listSegments(root: string, simulationId: string): FoundSegment[] {
  const directory = join(root, simulationId)
  return fastGlob
    .sync(SEGMENT_PATTERN, { ...GLOB_OPTIONS, cwd: directory, onlyFiles: true, stats: true })
    .map(({ name, stats }) => ({
      name,
      path: join(directory, name),
      size: stats?.size ?? 0,
      device: stats?.dev ?? 0,
      inode: stats?.ino ?? 0,
      modifiedMs: stats?.mtimeMs ?? 0,
    }))
    .sort((a, b) => compareSegmentNames(a.name, b.name))
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
