import { existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { type DiscoveryProblem, discoverSegments } from '../src/segment/discovery.js'
import { findRun } from './find-run.js'

/** What a reindex would read, and whether there is room for what it would write. */
export interface ReindexPlan {
  readonly simulations: readonly PlannedRun[]
  readonly segments: number
  /** Bytes that would be read. */
  readonly bytes: number
  /** Bytes that would be written beside what is there, as far as that can be told before. */
  readonly needed_bytes: number
  /** Bytes that are free where the sidecar is, or is to be. */
  readonly free_bytes: number
  readonly problems: readonly DiscoveryProblem[]
}

interface PlannedRun {
  readonly simulation_id: string
  readonly segments: number
  readonly bytes: number
}

/** What is read from where. */
export interface PlanOptions {
  readonly root: string
  readonly db: string
  /** The one run that is read; all of them unless told. */
  readonly simulation?: string
  /** Whether events are made searchable; false unless told otherwise. */
  readonly search?: boolean
}

/**
 * How large a sidecar becomes, for each byte of lines: of plain runs 0.85, of runs with many
 * short events more, and half as much again for what is searched.
 */
const TABLES_SHARE = 1.1
const SEARCH_SHARE = 0.6

/** One run is replaced within the sidecar: what is taken out passes through its log, too. */
const REPLACED_SHARE = 2

/**
 * Looks up what `reindex` would do, without opening or writing anything.
 *
 * @throws TurnlogError ROOT_NOT_FOUND, SIMULATION_NOT_FOUND or INPUT_UNREADABLE
 */
export function planReindex(options: PlanOptions): ReindexPlan {
  const { root, db, simulation, search = false } = options
  const { simulations, problems } =
    simulation === undefined
      ? discoverSegments(root)
      : { simulations: [findRun(root, simulation, 'reindex')], problems: [] }
  const runs = simulations.map(({ id, segments }) => ({
    simulation_id: id,
    segments: segments.length,
    bytes: segments.reduce((sum, { size }) => sum + size, 0),
  }))
  const bytes = runs.reduce((sum, run) => sum + run.bytes, 0)
  const share = TABLES_SHARE + (search ? SEARCH_SHARE : 0)
  return {
    simulations: runs,
    segments: runs.reduce((sum, { segments }) => sum + segments, 0),
    bytes,
    needed_bytes: Math.ceil(bytes * share * (simulation === undefined ? 1 : REPLACED_SHARE)),
    free_bytes: freeBytes(dirname(db)),
    problems,
  }
}

/** What is free where a directory is, or is to be made. */
export function freeBytes(directory: string): number {
  let existing = directory
  while (!existsSync(existing)) {
    const above = dirname(existing)
    if (above === existing) break
    existing = above
  }
  const { bavail, bsize } = statfsSync(existing)
  return bavail * bsize
}
