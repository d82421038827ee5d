import { type BigIntStats, statSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { systemErrorCode } from '../src/errors.js'
import { type DiscoveryProblem, discoverSegments } from '../src/segment/discovery.js'
import { ACTIVE_SEGMENT } from '../src/segment/segment-name.js'
import { openSidecarForWriting, type WriteMode } from '../src/sidecar/open-sidecar.js'
import {
  addCounts,
  type IngestCounts,
  type IngestOptions,
  NOTHING,
  SimulationIndexer,
} from './index-simulation.js'
import { StaleListingError } from './segment-file.js'

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
}

/**
 * Brings every run below a root into one sidecar, again and again. Whoever uses
 * it holds the indexer's lock during a pass.
 */
export class RootIndexer {
  readonly #options: RootIndexerOptions
  readonly #activeSegments = new Map<string, string>()
  #open: { connection: Database.Database; inode: bigint; indexer: SimulationIndexer } | undefined

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
    const report = this.#indexRuns(
      indexer,
      found.simulations.map(({ id }) => id),
    )
    const present = new Set(found.simulations.map(({ id }) => id))
    const unreadable = new Set(found.problems.map(({ path }) => path))
    let removed = 0
    for (const simulation of indexer.simulations()) {
      if (this.#options.shouldStop?.() === true) break
      if (present.has(simulation.name)) continue
      if (unreadable.has(join(this.#options.root, simulation.name))) continue
      indexer.remove(simulation)
      this.#activeSegments.delete(simulation.name)
      removed++
    }
    return { ...report, removed, problems: [...found.problems, ...report.problems] }
  }

  /** Reads what is new in some runs: much cheaper than looking at them all. */
  async passOver(names: readonly string[]): Promise<PassReport> {
    const { indexer } = await this.#current()
    return { ...this.#indexRuns(indexer, names), removed: 0 }
  }

  /** The runs whose active segment changed since they were last read. */
  changedRuns(): string[] {
    return [...this.#activeSegments]
      .filter(([name, signature]) => this.#signatureOf(name) !== signature)
      .map(([name]) => name)
  }

  /** Whether somebody replaced or deleted the sidecar since the last pass. */
  sidecarChanged(): boolean {
    return this.#open !== undefined && this.#open.inode !== statOf(this.#options.db)?.ino
  }

  /** The open sidecar, for who checks or finishes it. */
  async connection(): Promise<Database.Database> {
    return (await this.#current()).connection
  }

  close(): void {
    this.#open?.connection.close()
    this.#open = undefined
  }

  #indexRuns(indexer: SimulationIndexer, names: readonly string[]): Omit<PassReport, 'removed'> {
    let counts: IngestCounts = NOTHING
    let segments = 0
    const problems: DiscoveryProblem[] = []
    for (const name of names) {
      if (this.#options.shouldStop?.() === true) break
      this.#activeSegments.set(name, this.#signatureOf(name))
      try {
        const result = indexer.index(this.#options.root, name)
        counts = addCounts(counts, result)
        segments += result.segments
        problems.push(...result.problems)
      } catch (error) {
        problems.push({ path: join(this.#options.root, name), message: whyNotRead(error) })
      }
    }
    return { ...counts, simulations: names.length, segments, problems }
  }

  async #current(): Promise<{ connection: Database.Database; indexer: SimulationIndexer }> {
    if (this.sidecarChanged()) this.close()
    if (this.#open === undefined) {
      const { db, mode } = this.#options
      const connection = await openSidecarForWriting(db, mode)
      const inode = statOf(db)?.ino ?? 0n
      this.#open = { connection, inode, indexer: new SimulationIndexer(connection, this.#options) }
    }
    return this.#open
  }

  #signatureOf(name: string): string {
    const stat = statOf(join(this.#options.root, name, ACTIVE_SEGMENT))
    return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`
  }
}

function statOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })
}

/** One run that cannot be read is no reason to stop reading the others. */
function whyNotRead(error: unknown): string {
  if (error instanceof StaleListingError) return 'changed again and again while it was read'
  const code = systemErrorCode(error)
  if (code === undefined) throw error
  return `cannot be read (${code})`
}
