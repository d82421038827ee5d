import { type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import {
  assertReadableRoot,
  type Discovery,
  type DiscoveryProblem,
  discoverSegments,
  type FoundSegment,
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
  /** Told after every block, at the beginning and at the end of a pass. */
  readonly onProgress?: (progress: IngestProgress) => void
}

/**
 * Brings every run below a root into one sidecar, again and again. Whoever uses
 * it holds the indexer's lock during a pass.
 */
export class RootIndexer {
  readonly #options: RootIndexerOptions
  readonly #activeSegments = new Map<string, string>()
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

  /** The runs whose active segment changed since they were last read. */
  changedRuns(): string[] {
    return [...this.#activeSegments]
      .filter(([name, signature]) => {
        const stat = statOf(join(this.#options.root, name, ACTIVE_SEGMENT))
        return (
          signature !== (stat === undefined ? UNSEEN : spell(stat.ino, stat.size, stat.mtimeMs))
        )
      })
      .map(([name]) => name)
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
    const { root, shouldStop, onProgress } = this.#options
    const meter = new ProgressMeter(found, onProgress)
    let counts: IngestCounts = NOTHING
    let simulations = 0
    let segments = 0
    const problems = [...found.problems]
    for (const { id, segments: listed } of found.simulations) {
      if (shouldStop?.() === true) break
      this.#activeSegments.set(id, signatureOf(listed))
      const result = await indexer.index(root, id, listed, (read) => {
        meter.addBlock(read)
      })
      meter.finishRun(listed)
      counts = addCounts(counts, result)
      simulations++
      segments += result.segments
      problems.push(...result.problems)
    }
    const present = new Set(found.simulations.map(({ id }) => id))
    const unreadable = new Set(found.problems.map(({ path }) => path))
    let removed = 0
    for (const name of names) {
      if (shouldStop?.() === true) break
      if (present.has(name) || unreadable.has(join(root, name))) continue
      if (indexer.remove(name)) removed++
      this.#activeSegments.delete(name)
    }
    return { ...counts, simulations, segments, removed, problems }
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

/** Stands for an active segment that is missing, or cannot be seen. */
const UNSEEN = ''

function signatureOf(listed: readonly FoundSegment[]): string {
  const active = listed.find(({ name }) => name === ACTIVE_SEGMENT)
  return active === undefined ? UNSEEN : spell(active.inode, active.size, active.modifiedMs)
}

function spell(...numbers: readonly number[]): string {
  return numbers.join(' ')
}

/** Undefined where there is nothing, or nothing that can be seen: reading it will say why. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
