import type Database from 'better-sqlite3'
import { systemErrorCode } from '../src/errors.js'
import { readBlocks } from '../src/segment/block-reader.js'
import { type DiscoveryProblem, type FoundSegment, listSegments } from '../src/segment/discovery.js'
import { prefixCrc, tailCrc } from '../src/segment/fingerprint.js'
import { applyBlock, LaterCopyIndexedError } from './apply-block.js'
import { StaleListingError, withSegment } from './segment-file.js'
import {
  isSameInode,
  isUntouched,
  type KnownSegment,
  planSegments,
  type SegmentWork,
} from './segment-plan.js'
import { SidecarWriter } from './sidecar-writer.js'
import { SimulationTables, type SimulationRow } from './simulation-tables.js'

/** What reading a run, or several, came to. */
export interface IngestCounts {
  /** New events. */
  readonly events: number
  /** New complete lines that are no events. */
  readonly rejects: number
  /** New copies of events that are indexed already. */
  readonly duplicates: number
  /** Bytes read as lines. */
  readonly bytes: number
}

/** No counts yet. */
export const NOTHING: IngestCounts = { events: 0, rejects: 0, duplicates: 0, bytes: 0 }

/** Two counts as one. */
export function addCounts(a: IngestCounts, b: IngestCounts): IngestCounts {
  return {
    events: a.events + b.events,
    rejects: a.rejects + b.rejects,
    duplicates: a.duplicates + b.duplicates,
    bytes: a.bytes + b.bytes,
  }
}

/** What became of a run in one pass. */
export interface SimulationResult extends IngestCounts {
  readonly segments: number
  readonly problems: readonly DiscoveryProblem[]
}

/** How blocks are cut and when to stop; the defaults are right but in tests. */
export interface IngestOptions {
  /** How much of a segment one transaction takes. Bytes. */
  readonly blockBytes?: number
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
  readonly #options: IngestOptions
  /** Segments whose content this process has compared in full, by row id: from here on they only grow. */
  readonly #compared = new Set<number>()

  constructor(connection: Database.Database, options: IngestOptions = {}) {
    this.#connection = connection
    this.#writer = new SidecarWriter(connection)
    this.#tables = new SimulationTables(connection)
    this.#options = options
  }

  /** The names of the runs in the sidecar. */
  simulations(): SimulationRow[] {
    return this.#tables.simulations()
  }

  /** Takes a run out of the sidecar; its files are not touched. */
  remove(simulation: SimulationRow): void {
    this.#connection.transaction(() => {
      this.#tables.removeSimulation(simulation.id)
    })()
  }

  /** Reads what is new of a run, and makes the sidecar forget what is gone. */
  index(root: string, name: string): SimulationResult {
    for (let listing = 1; ; listing++) {
      try {
        return this.#indexListed(name, listSegments(root, name))
      } catch (error) {
        if (error instanceof LaterCopyIndexedError) {
          this.#removeNamed(name)
        } else if (!(error instanceof StaleListingError) || listing === MAX_LISTINGS) {
          throw error
        }
      }
    }
  }

  #removeNamed(name: string): void {
    const simulation = this.simulations().find((row) => row.name === name)
    if (simulation !== undefined) this.remove(simulation)
  }

  #indexListed(name: string, listed: readonly FoundSegment[]): SimulationResult {
    // Whether the run is gone, or the whole root for a moment, is seen by who looks at the root.
    if (listed.length === 0) return { ...NOTHING, segments: 0, problems: [] }
    let simulation = this.#tables.ensureSimulation(name)
    const known = this.#tables.segments(simulation.id)
    if (isSettled(known, listed)) return { ...NOTHING, segments: listed.length, problems: [] }

    const { readable, problems, kept } = setUnreadableAside(listed, known)
    const plan = planSegments(
      known.filter((segment) => !kept.has(segment)),
      readable,
      (file, segment) => this.#holds(file, segment),
    )
    let work: readonly SegmentWork[] = plan.work
    if (plan.gone.some(({ id }) => this.#tables.hasRows(id))) {
      // What one segment said may be what another's duplicate said: read the whole run again.
      this.remove(simulation)
      simulation = this.#tables.ensureSimulation(name)
      work = readable.map((found) => ({ found, known: undefined }))
    } else {
      for (const { id } of plan.gone) this.#tables.removeSegment(id)
    }

    let total = NOTHING
    for (const { found, known } of work) {
      if (this.#options.shouldStop?.() === true) break
      total = addCounts(total, this.#readSegment(simulation, found, known))
    }
    return { ...total, segments: listed.length, problems }
  }

  /** Whether a file begins with everything that was read of a known segment. */
  #holds(file: FoundSegment, segment: KnownSegment): boolean {
    if (file.size < segment.checkpoint) return false
    return withSegment(file, (fd) => {
      if (tailCrc(fd, segment.checkpoint) !== segment.tailCrc) return false
      const grewOnly =
        this.#compared.has(segment.id) && isSameInode(file, segment) && file.size > segment.size
      return grewOnly || prefixCrc(fd, segment.checkpoint) === segment.prefixCrc
    })
  }

  #readSegment(
    simulation: SimulationRow,
    found: FoundSegment,
    known: KnownSegment | undefined,
  ): IngestCounts {
    return withSegment(found, (fd) => {
      const segment = known ?? this.#tables.addSegment(simulation.id, found)
      if (known !== undefined) this.#tables.continueSegment(known.id, found)
      let total = NOTHING
      let checkpoint = segment.checkpoint
      const { blockBytes, shouldStop } = this.#options
      const blocks = readBlocks(fd, {
        from: checkpoint,
        prefixCrc: segment.prefixCrc,
        until: found.size,
        ...(blockBytes === undefined ? {} : { blockBytes }),
      })
      for (const block of blocks) {
        const source = { simulation, segment: { id: segment.id, name: found.name } }
        const result = this.#inTransaction(() => {
          const applied = applyBlock(this.#writer, source, block)
          this.#tables.finishBlock(simulation, segment.id, applied, {
            checkpoint: block.end,
            prefixCrc: block.prefixCrc,
            tailCrc: tailCrc(fd, block.end) ?? 0,
          })
          return applied
        })
        total = addCounts(total, {
          events: result.inserted.length,
          rejects: result.rejects,
          duplicates: result.duplicates,
          bytes: block.end - checkpoint,
        })
        checkpoint = block.end
        if (shouldStop?.() === true) return total
      }
      this.#tables.settleSegment(segment.id, found)
      this.#compared.add(segment.id)
      return total
    })
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

/** Whether every segment was read to its end and none has changed since. */
function isSettled(known: readonly KnownSegment[], listed: readonly FoundSegment[]): boolean {
  return (
    known.length === listed.length &&
    listed.every((file) =>
      known.some((segment) => segment.name === file.name && isUntouched(file, segment)),
    )
  )
}

/** Segments that cannot be opened keep the rows they have, and the others go on. */
function setUnreadableAside(
  listed: readonly FoundSegment[],
  known: readonly KnownSegment[],
): { readable: FoundSegment[]; problems: DiscoveryProblem[]; kept: ReadonlySet<KnownSegment> } {
  const readable: FoundSegment[] = []
  const problems: DiscoveryProblem[] = []
  const kept = new Set<KnownSegment>()
  for (const file of listed) {
    try {
      withSegment(file, () => undefined)
      readable.push(file)
    } catch (error) {
      const code = systemErrorCode(error)
      if (code === undefined) throw error
      problems.push({ path: file.path, message: `cannot be read (${code})` })
      const before =
        known.find((segment) => isSameInode(file, segment)) ??
        known.find((segment) => segment.name === file.name)
      if (before !== undefined) kept.add(before)
    }
  }
  return { readable, problems, kept }
}
