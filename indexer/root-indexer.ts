import { statSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import {
  assertReadableRoot,
  type Discovery,
  type DiscoveryProblem,
  discoverSegments,
  type FoundSimulation,
  listSimulations,
} from '../src/segment/discovery.js'
import { openSidecarForWriting, writingError, type WriteMode } from '../src/sidecar/open-sidecar.js'
import { ActiveSegments } from './active-segments.js'
import { addCounts, type IngestCounts, NOTHING } from './ingest-counts.js'
import { type IngestProgress, ProgressMeter } from './ingest-progress.js'
import { type IngestOptions, SimulationIndexer, type SimulationResult } from './index-simulation.js'
import type { PassReport } from './pass-report.js'
import { replaceRun } from './replace-run.js'
import { SearchIndex } from './search-index.js'

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
  readonly #active: ActiveSegments
  #open: OpenSidecar | undefined

  constructor(options: RootIndexerOptions) {
    this.#options = options
    this.#active = new ActiveSegments(options.root)
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
    // What cannot be read is not tried again until it changes, or everything is looked at.
    for (const name of names) this.#active.note(name)
    const { indexer } = await this.#current()
    return this.#finished(indexer, () => this.#index(indexer, listSimulations(root, names), names))
  }

  /**
   * Reads all of a run again, in one transaction; nothing changes unless all of it can be read.
   *
   * @param found the run, as it was listed just now
   * @param prepare called first, in the same transaction
   * @throws what {@link pass} throws of the sidecar
   */
  async replaceRun(found: FoundSimulation, prepare: () => void): Promise<PassReport> {
    const { root, onProgress } = this.#options
    const open = await this.#current()
    return this.#finished(open.indexer, () =>
      replaceRun(open, { root, found, prepare, onProgress }),
    )
  }

  async #finished(
    indexer: SimulationIndexer,
    pass: () => Promise<PassReport>,
  ): Promise<PassReport> {
    try {
      return await pass()
    } catch (error) {
      throw writingError(this.#options.db, error)
    } finally {
      await indexer.rest()
    }
  }

  /** The runs whose active segment changed since they were last read, or is new. */
  changedRuns(): string[] {
    return this.#active.changedRuns()
  }

  /** Whether somebody replaced or deleted the sidecar since the last pass. */
  sidecarChanged(): boolean {
    if (this.#open === undefined) return false
    const inode = inodeOf(this.#options.db)
    return inode === undefined || inode !== this.#open.inode
  }

  /**
   * Makes the next events searchable; see {@link SearchIndex.step}.
   *
   * @throws what {@link pass} throws of the sidecar
   */
  async searchStep(maxBytes: number): Promise<number> {
    return this.#search((index) => index.step(maxBytes))
  }

  /** How many events cannot be searched. @throws what {@link searchStep} throws */
  async searchLag(): Promise<number> {
    return this.#search((index) => index.lag())
  }

  async #search(use: (index: SearchIndex) => number): Promise<number> {
    const { searchIndex } = await this.#current()
    try {
      return use(searchIndex)
    } catch (error) {
      throw writingError(this.#options.db, error)
    }
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

  /**
   * Reads what is new of runs that were found. While it takes them several turns,
   * runs that have changed since they were read get a turn in between.
   */
  async #readInTurns(indexer: SimulationIndexer, found: Discovery): Promise<RunsRead> {
    const { shouldStop, onProgress } = this.#options
    const meter = new ProgressMeter(found, onProgress)
    const segments = new Map<string, number>()
    const problems = new Map<string, readonly DiscoveryProblem[]>()
    let counts = NOTHING
    let waiting = found.simulations
    let changed: readonly FoundSimulation[] = []
    while (waiting.length > 0 && shouldStop?.() !== true) {
      const unfinished: FoundSimulation[] = []
      const inTurn = [...changed, ...waiting]
      for (const [at, run] of inTurn.entries()) {
        if (shouldStop?.() === true) break
        const isAwaited = unfinished.length > 0 || at + 1 < inTurn.length
        const result = await this.#takeTurn(indexer, run, meter, isAwaited)
        counts = addCounts(counts, result)
        segments.set(run.id, result.segments)
        problems.set(run.id, result.problems)
        if (!result.unfinished) meter.finishRun(run.id)
        else if (changed.includes(run)) this.#active.noteUnread(run.id)
        else unfinished.push(run)
      }
      waiting = unfinished
      changed = waiting.length === 0 ? [] : this.#listChanged(waiting)
    }
    return { counts, segments, problems: [...problems.values()].flat() }
  }

  /** @param isAwaited whether there is another run in any case */
  async #takeTurn(
    indexer: SimulationIndexer,
    { id, segments }: FoundSimulation,
    meter: ProgressMeter,
    isAwaited: boolean,
  ): Promise<SimulationResult> {
    const { root, turnBytes = TURN_BYTES } = this.#options
    this.#active.noteListed(id, segments)
    let lookAt = turnBytes
    return indexer.index(root, id, segments, {
      onRead: (read) => {
        meter.addBlock(id, read)
      },
      isTurnOver: ({ bytes }) => {
        if (bytes < lookAt) return false
        lookAt = bytes + turnBytes
        return isAwaited || this.changedRuns().some((name) => name !== id)
      },
    })
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
      this.#active.noteMissing(name)
    }
    return removed
  }

  /** The runs that changed since they were read, but for those that are waiting anyway. */
  #listChanged(waiting: readonly FoundSimulation[]): readonly FoundSimulation[] {
    const names = this.changedRuns().filter((name) => waiting.every(({ id }) => id !== name))
    return listSimulations(this.#options.root, names).simulations
  }

  async #current(): Promise<OpenSidecar> {
    if (this.sidecarChanged()) this.close()
    if (this.#open === undefined) {
      const { db, mode } = this.#options
      const connection = await openSidecarForWriting(db, mode)
      const inode = inodeOf(db)
      const indexer = new SimulationIndexer(connection, this.#options)
      this.#open = { connection, inode, indexer, searchIndex: new SearchIndex(connection) }
    }
    return this.#open
  }
}

/** A sidecar being written, and who writes it. */
interface OpenSidecar {
  readonly connection: Database.Database
  readonly inode: number | undefined
  readonly indexer: SimulationIndexer
  readonly searchIndex: SearchIndex
}

/** What reading runs came to. */
interface RunsRead {
  readonly counts: IngestCounts
  /** Of each run, how many were looked at. */
  readonly segments: ReadonlyMap<string, number>
  readonly problems: readonly DiscoveryProblem[]
}

/** Undefined where there is nothing, or nothing that can be seen: opening it will say why. */
function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino
  } catch {
    return undefined
  }
}
