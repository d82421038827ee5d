import { readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { CONTROL_DIRECTORY } from '../src/event/simulation-id.js'
import {
  assertReadableRoot,
  type Discovery,
  type DiscoveryProblem,
  discoverSegments,
  type FoundSegment,
  type FoundSimulation,
  listSimulations,
} from '../src/segment/discovery.js'
import { ACTIVE_SEGMENT } from '../src/segment/segment-name.js'
import { openSidecarForWriting, sidecarError, type WriteMode } from '../src/sidecar/open-sidecar.js'
import { addCounts, type IngestCounts, NOTHING } from './ingest-counts.js'
import { type IngestProgress, ProgressMeter } from './ingest-progress.js'
import { type IngestOptions, SimulationIndexer } from './index-simulation.js'

/** What a pass over a root came to. */
export interface PassReport extends IngestCounts {
  /** Runs and segments looked at. */
  readonly simulations: number
  readonly segments: number
  /** Runs taken out because their directory is gone. */
  readonly removed: number
  readonly problems: readonly DiscoveryProblem[]
}

/** Where runs are read from and written to. */
export interface RootIndexerOptions extends IngestOptions {
  /** The output root: one directory per run. */
  readonly root: string
  /** The sidecar's path. */
  readonly db: string
  readonly mode?: WriteMode
  /** How much of a run is read before others that wait have their turn. Bytes. */
  readonly turnBytes?: number
  /** Told after every block, at the beginning and at the end of a pass. */
  readonly onProgress?: (progress: IngestProgress) => void
}

/** Where a run ends its turn, blocks that were decoded ahead are lost: they are to be few of many. */
const TURN_BYTES = 32 * 1024 * 1024

/**
 * Brings every run below a root into one sidecar, again and again. A run with
 * much to be read does not keep the others waiting: they take turns. Whoever uses
 * it holds the indexer's lock during a pass.
 */
export class RootIndexer {
  readonly #options: RootIndexerOptions
  readonly #activeSegments = new Map<string, string>()
  /** When the root was changed last, as far as it is known, and what has come into it. */
  #root: { readonly modifiedMs: number | undefined; readonly newcomers: readonly string[] } = {
    modifiedMs: undefined,
    newcomers: [],
  }
  #open:
    | { connection: Database.Database; inode: number | undefined; indexer: SimulationIndexer }
    | undefined

  constructor(options: RootIndexerOptions) {
    this.#options = options
  }

  /**
   * Reads what is new in every run, and takes out runs that are gone.
   *
   * @throws TurnlogError ROOT_NOT_FOUND, or SIDECAR_UNREADABLE, SIDECAR_UNWRITABLE
   *   or SIDECAR_SCHEMA_MISMATCH when the sidecar is no good
   */
  async pass(): Promise<PassReport> {
    const found = discoverSegments(this.#options.root)
    const { indexer } = await this.#current()
    return this.#finished(indexer, () => this.#index(indexer, found, indexer.simulations()))
  }

  /**
   * Reads what is new in some runs: much cheaper than looking at them all.
   *
   * @throws what {@link pass} throws
   */
  async passOver(names: readonly string[]): Promise<PassReport> {
    const { root } = this.#options
    assertReadableRoot(root)
    for (const name of names) this.#activeSegments.set(name, UNSEEN)
    const { indexer } = await this.#current()
    return this.#finished(indexer, () => this.#index(indexer, listSimulations(root, names), names))
  }

  async #finished(
    indexer: SimulationIndexer,
    pass: () => Promise<PassReport>,
  ): Promise<PassReport> {
    try {
      return await pass()
    } catch (error) {
      throw sidecarError(this.#options.db, error)
    } finally {
      await indexer.rest()
    }
  }

  /** The runs whose active segment changed since they were last read, or is new. */
  changedRuns(): string[] {
    const newcomers = this.#newcomers().filter((name) => !this.#activeSegments.has(name))
    return [...this.#activeSegments, ...newcomers.map((name) => [name, UNSEEN] as const)]
      .filter(([name, signature]) => {
        const stat = statOf(join(this.#options.root, name, ACTIVE_SEGMENT))
        return (
          signature !== (stat === undefined ? UNSEEN : spell(stat.ino, stat.size, stat.mtimeMs))
        )
      })
      .map(([name]) => name)
  }

  /**
   * What came into the root since the last pass over all of it: a run, perhaps,
   * once it has an active segment. What is missed here, a pass finds.
   */
  #newcomers(): readonly string[] {
    const { root } = this.#options
    const modifiedMs = statOf(root)?.mtimeMs
    if (modifiedMs !== this.#root.modifiedMs) {
      const newcomers = namesIn(root).filter(
        (name) => name !== CONTROL_DIRECTORY && !this.#activeSegments.has(name),
      )
      this.#root = { modifiedMs, newcomers }
    }
    return this.#root.newcomers
  }

  /** Whether somebody replaced or deleted the sidecar since the last pass. */
  sidecarChanged(): boolean {
    if (this.#open === undefined) return false
    const inode = statOf(this.#options.db)?.ino
    return inode === undefined || inode !== this.#open.inode
  }

  /** The open sidecar, for who checks or finishes it. */
  async connection(): Promise<Database.Database> {
    return (await this.#current()).connection
  }

  close(): void {
    this.#open?.connection.close()
    this.#open = undefined
  }

  /** @param names the runs to be taken out unless they were found */
  async #index(
    indexer: SimulationIndexer,
    found: Discovery,
    names: readonly string[],
  ): Promise<PassReport> {
    const { counts, segments, problems } = await this.#readInTurns(indexer, found)
    const removed = this.#remove(indexer, found, names)
    return {
      ...counts,
      simulations: segments.size,
      segments: [...segments.values()].reduce((sum, count) => sum + count, 0),
      removed,
      problems: [...found.problems, ...problems],
    }
  }

  /** Reads what is new of runs, and of those that change until all are read. */
  async #readInTurns(indexer: SimulationIndexer, found: Discovery): Promise<RunsRead> {
    const { root, shouldStop, onProgress, turnBytes = TURN_BYTES } = this.#options
    const meter = new ProgressMeter(found, onProgress)
    const segments = new Map<string, number>()
    const problems: DiscoveryProblem[] = []
    let counts = NOTHING
    let waiting = found.simulations
    while (waiting.length > 0 && shouldStop?.() !== true) {
      const unfinished: FoundSimulation[] = []
      for (const [at, run] of waiting.entries()) {
        if (shouldStop?.() === true) break
        const { id, segments: listed } = run
        this.#activeSegments.set(id, signatureOf(listed))
        const isAwaited = (): boolean =>
          unfinished.length > 0 ||
          at + 1 < waiting.length ||
          this.changedRuns().some((name) => name !== id)
        const result = await indexer.index(root, id, listed, {
          onRead: (read) => {
            meter.addBlock(id, read)
          },
          isTurnOver: ({ bytes }) => bytes >= turnBytes && isAwaited(),
        })
        counts = addCounts(counts, result)
        segments.set(id, result.segments)
        problems.push(...result.problems)
        if (result.unfinished) unfinished.push(run)
        else meter.finishRun(id)
      }
      waiting = unfinished.length === 0 ? [] : [...this.#listChanged(unfinished), ...unfinished]
    }
    return { counts, segments, problems }
  }

  /** Takes out runs that were not found. @returns how many of them were in the sidecar */
  #remove(indexer: SimulationIndexer, found: Discovery, names: readonly string[]): number {
    const { root, shouldStop } = this.#options
    const present = new Set(found.simulations.map(({ id }) => id))
    const unreadable = new Set(found.problems.map(({ path }) => path))
    let removed = 0
    for (const name of names) {
      if (shouldStop?.() === true) break
      if (present.has(name) || unreadable.has(join(root, name))) continue
      if (indexer.remove(name)) removed++
      this.#activeSegments.delete(name)
    }
    return removed
  }

  /** The runs that changed since they were read, but for those that are waiting anyway. */
  #listChanged(waiting: readonly FoundSimulation[]): readonly FoundSimulation[] {
    const names = this.changedRuns().filter((name) => waiting.every(({ id }) => id !== name))
    return listSimulations(this.#options.root, names).simulations
  }

  async #current(): Promise<{ connection: Database.Database; indexer: SimulationIndexer }> {
    if (this.sidecarChanged()) this.close()
    if (this.#open === undefined) {
      const { db, mode } = this.#options
      const connection = await openSidecarForWriting(db, mode)
      const inode = statOf(db)?.ino
      this.#open = { connection, inode, indexer: new SimulationIndexer(connection, this.#options) }
    }
    return this.#open
  }
}

/** What reading runs came to. */
interface RunsRead {
  readonly counts: IngestCounts
  /** Of each run, how many were looked at. */
  readonly segments: ReadonlyMap<string, number>
  readonly problems: readonly DiscoveryProblem[]
}

/** Stands for an active segment that is missing, or cannot be seen. */
const UNSEEN = ''

function signatureOf(listed: readonly FoundSegment[]): string {
  const active = listed.find(({ name }) => name === ACTIVE_SEGMENT)
  return active === undefined ? UNSEEN : spell(active.inode, active.size, active.modifiedMs)
}

function spell(...numbers: readonly number[]): string {
  return numbers.join(' ')
}

/** None where there is no directory, or none that can be read: a pass says why. */
function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Undefined where there is nothing, or nothing that can be seen: reading it will say why. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
