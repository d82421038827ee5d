import { closeSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import {
  type DiscoveryProblem,
  type FoundSegment,
  listSegments,
  StaleListingError,
} from '../src/segment/discovery.js'
import { prefixCrc, tailCrc } from '../src/segment/fingerprint.js'
import { applyBlock, LaterCopyIndexedError } from './apply-block.js'
import { BlockSource } from './block-source.js'
import { addCounts, type IngestCounts, NOTHING } from './ingest-counts.js'
import { isSettled, setUnreadableAside, whyNotOpened } from './listed-segments.js'
import { openListed, whyNotRead, withSegment } from './segment-file.js'
import { isSameInode, type KnownSegment, planSegments, type SegmentWork } from './segment-plan.js'
import type { OrderSizes } from './order-tables.js'
import { SidecarWriter } from './sidecar-writer.js'
import { SimulationTables, type SimulationRow } from './simulation-tables.js'

/** What is told and asked while a run is read. */
export interface IndexHooks {
  /** Told of each block as it is committed. */
  readonly onRead?: (read: IngestCounts) => void
  /** Asked between blocks, with all that was read: whether the rest is left for another time. */
  readonly isTurnOver?: (read: IngestCounts) => boolean
}

/** A run being read. */
interface Turn {
  readonly add: (read: IngestCounts) => void
  readonly isOver: () => boolean
}

/** A segment that the sidecar knows, with something in it to be read. */
interface NotedSegment extends SegmentWork {
  readonly known: KnownSegment
}

/** What became of a run in one pass. */
export interface SimulationResult extends IngestCounts {
  readonly segments: number
  /** Whether it was left, with something of it perhaps still to be read. */
  readonly unfinished: boolean
  readonly problems: readonly DiscoveryProblem[]
}

/** How blocks are cut and when to stop; the defaults are right but in tests. */
export interface IngestOptions {
  /** How much of a segment one transaction takes. Bytes. */
  readonly blockBytes?: number
  /** From how much on a second thread reads and decodes; see `BlockSource`. Bytes. */
  readonly threadFromBytes?: number
  readonly orderSizes?: OrderSizes
  /** Asked between blocks: ends the pass early, with everything before it committed. */
  readonly shouldStop?: () => boolean
}

/** A run that is rotated again and again while it is listed is left for the next pass. */
const MAX_LISTINGS = 5

/** Brings runs into a sidecar, one at a time; holds what is worth keeping between passes. */
export class SimulationIndexer {
  readonly #connection: Database.Database
  readonly #writer: SidecarWriter
  readonly #tables: SimulationTables
  readonly #source: BlockSource
  readonly #options: IngestOptions
  /**
   * Segments whose content this process has compared in full, by row id, and when
   * they had changed last: from here on they only grow.
   */
  readonly #compared = new Map<number, number>()

  constructor(connection: Database.Database, options: IngestOptions = {}) {
    this.#connection = connection
    this.#writer = new SidecarWriter(connection, options.orderSizes)
    this.#tables = new SimulationTables(connection)
    this.#source = new BlockSource(options.threadFromBytes)
    this.#options = options
  }

  /** The names of the runs in the sidecar. */
  simulations(): string[] {
    return this.#tables.simulations().map(({ name }) => name)
  }

  /**
   * Takes a run out of the sidecar; its files are not touched.
   *
   * @returns whether it was in there
   */
  remove(name: string): boolean {
    const simulation = this.#tables.simulations().find((row) => row.name === name)
    if (simulation === undefined) return false
    const segments = this.#tables.segments(simulation.id)
    this.#inTransaction(() => {
      this.#tables.removeSimulation(simulation.id)
    })
    // Their numbers may be given again.
    for (const { id } of segments) this.#compared.delete(id)
    return true
  }

  /**
   * Reads what is new of a run, and makes the sidecar forget what is gone. What
   * cannot be read keeps the rows it has.
   *
   * @param listed its segments, as they were found just now
   */
  async index(
    root: string,
    name: string,
    listed: readonly FoundSegment[],
    { onRead, isTurnOver = () => false }: IndexHooks = {},
  ): Promise<SimulationResult> {
    let counts = NOTHING
    let segments = listed
    let unfinished = false
    const turn: Turn = {
      add: (read) => {
        counts = addCounts(counts, read)
        onRead?.(read)
      },
      isOver: () => (unfinished ||= isTurnOver(counts) || this.#options.shouldStop?.() === true),
    }
    for (let listing = 1; ; listing++) {
      try {
        const problems = await this.#indexListed(name, segments, turn)
        return { ...counts, segments: segments.length, unfinished, problems }
      } catch (error) {
        if (!(error instanceof StaleListingError) || listing === MAX_LISTINGS) {
          const problem = { path: join(root, name), message: whyNotRead(error) }
          return { ...counts, segments: segments.length, unfinished: false, problems: [problem] }
        }
        segments = listSegments(root, name)
      }
    }
  }

  async #indexListed(
    name: string,
    listed: readonly FoundSegment[],
    turn: Turn,
  ): Promise<DiscoveryProblem[]> {
    // Whether the run is gone, or the whole root for a moment, is seen by who looks at the root.
    if (listed.length === 0) return []
    const simulation = this.#tables.ensureSimulation(name)
    const known = this.#tables.segments(simulation.id)
    if (isSettled(known, listed)) return []

    const { readable, problems, kept } = setUnreadableAside(listed, known)
    const plan = planSegments(
      known.filter((segment) => !kept.has(segment)),
      readable,
      (file, segment) => this.#holds(file, segment),
    )
    const misplaced = plan.reordered && this.#tables.hasCopies(simulation.id)
    if (misplaced || plan.gone.some(({ checkpoint }) => checkpoint > 0)) {
      return await this.#readAnew(simulation, listed, turn)
    }
    const noted = this.#inTransaction(() => {
      for (const { id } of plan.gone) {
        this.#tables.removeSegment(id)
        this.#compared.delete(id)
      }
      // All names first: which copy of an event counts depends on them.
      return this.#note(simulation, plan.work)
    })
    try {
      await this.#read(simulation, noted, turn)
    } catch (error) {
      if (!(error instanceof LaterCopyIndexedError)) throw error
      return await this.#readAnew(simulation, listed, turn)
    }
    return problems
  }

  /**
   * Reads a whole run again: what one segment said may be what another's
   * duplicate said. It keeps the rows it has until all of it can be read.
   */
  async #readAnew(
    simulation: SimulationRow,
    listed: readonly FoundSegment[],
    turn: Turn,
  ): Promise<DiscoveryProblem[]> {
    const problems = listed.flatMap(whyNotOpened)
    if (problems.length > 0) return problems
    // At once: nobody is to find that there is no such run.
    const { anew, noted } = this.#inTransaction(() => {
      this.remove(simulation.name)
      const anew = this.#tables.ensureSimulation(simulation.name)
      const work = listed.map((found) => ({ found, known: undefined }))
      return { anew, noted: this.#note(anew, work) }
    })
    await this.#read(anew, noted, turn)
    return []
  }

  /** Says of all that is about to be read that it is: a run is never taken for whole between two segments. */
  #note(simulation: SimulationRow, work: readonly SegmentWork[]): NotedSegment[] {
    return work.map(({ found, known }) => {
      if (known === undefined)
        return { found, known: this.#tables.addSegment(simulation.id, found) }
      this.#tables.continueSegment(known.id, found)
      return { found, known }
    })
  }

  async #read(simulation: SimulationRow, work: readonly NotedSegment[], turn: Turn): Promise<void> {
    for (const { found, known } of work) {
      if (turn.isOver()) return
      await this.#readSegment(simulation, found, known, turn)
    }
  }

  /** Whether a file begins with everything that was read of a known segment. */
  #holds(file: FoundSegment, segment: KnownSegment): boolean {
    if (file.size < segment.checkpoint) return false
    return withSegment(file, (fd) => {
      if (tailCrc(fd, segment.checkpoint) !== segment.tailCrc) return false
      const comparedAt = this.#compared.get(segment.id)
      const isAsItWas = file.size === segment.size && file.modifiedMs === comparedAt
      const grewOnly = comparedAt !== undefined && (file.size > segment.size || isAsItWas)
      return (
        (isSameInode(file, segment) && grewOnly) ||
        prefixCrc(fd, segment.checkpoint) === segment.prefixCrc
      )
    })
  }

  async #readSegment(
    simulation: SimulationRow,
    found: FoundSegment,
    segment: KnownSegment,
    turn: Turn,
  ): Promise<void> {
    const fd = openListed(found)
    try {
      const source = { simulation, segment: { id: segment.id, name: found.name } }
      let { checkpoint } = segment
      const { blockBytes } = this.#options
      const blocks = this.#source.blocks({
        fd,
        simulation: simulation.name,
        from: checkpoint,
        prefixCrc: segment.prefixCrc,
        until: found.size,
        ...(blockBytes === undefined ? {} : { blockBytes }),
      })
      for await (const block of blocks) {
        const { inserted, rejects, duplicates } = this.#inTransaction(() => {
          const applied = applyBlock(this.#writer, source, block)
          this.#tables.finishBlock(simulation, segment.id, applied, {
            checkpoint: block.end,
            prefixCrc: block.prefixCrc,
            tailCrc: tailCrc(fd, block.end) ?? 0,
          })
          return applied
        })
        turn.add({ events: inserted.count, rejects, duplicates, bytes: block.end - checkpoint })
        checkpoint = block.end
        this.#compared.set(segment.id, found.modifiedMs)
        if (turn.isOver()) return
      }
      this.#tables.settleSegment(segment.id, found)
      this.#compared.set(segment.id, found.modifiedMs)
    } finally {
      closeSync(fd)
    }
  }

  /** Ends what reads ahead; to be called after every pass. */
  async rest(): Promise<void> {
    await this.#source.close()
  }

  #inTransaction<T>(work: () => T): T {
    try {
      return this.#connection.transaction(work)()
    } catch (error) {
      this.#writer.forget()
      throw error
    }
  }
}
