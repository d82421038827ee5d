import {
  type Arrivals,
  BEFORE_ALL,
  findArrival,
  findLastArrival,
  readArrivals,
  readLastRow,
  type RowId,
  type RowMark,
} from '../src/query/arrival-order.js'
import { type ArrivedEvent, readArrivedEvents } from '../src/query/arrived-events.js'
import { type ReadingState, readReadingState } from '../src/query/reading-state.js'
import { readSidecarVersion, type SidecarVersion } from '../src/query/sidecar-version.js'
import { findSimulation, type SimulationRef } from '../src/query/simulation-row.js'
import type { SidecarReader, Snapshot } from '../src/sidecar/sidecar-reader.js'
import { RecentReads } from './recent-reads.js'
import { spellEvent, type StreamPlace } from './server-sent-events.js'
import type { Patience, SidecarPulse } from './sidecar-pulse.js'
import type { TurnTaker } from './turn-taker.js'

/** How much of all runs is kept for those who read the same, in characters. */
const MOST_KEPT = 32 * 1024 * 1024
/** How many orders of arrival are kept of a run. */
const MOST_ORDERS = 4
/** A batch ends behind the event that reaches one of these: bytes of lines, events. */
const BATCH_BYTES = 256 * 1024
const BATCH_EVENTS = 500

/** How many spaces of rows there were, of whatever run. */
let spaces = 0

/** The rows of a run in one file: in another, or when the run was read anew, they have other numbers. */
interface RowSpace {
  /** What the keys of its batches begin with. */
  readonly key: string
  readonly openFile: symbol
  readonly simulation: SimulationRef
}

/** Where somebody stands in the rows of a run. */
export interface FeedCursor {
  readonly space: RowSpace
  readonly after: RowMark
  /** How many of those that arrived behind are passed. */
  readonly passed: number
}

/** What of an event filters look at, and how it is sent. */
export interface FeedEvent extends Omit<ArrivedEvent, 'text'> {
  readonly frame: string
}

/** Some events in the order of arrival. */
export interface Batch {
  readonly events: readonly FeedEvent[]
  readonly next: FeedCursor
  /** Where nothing stands behind the cursor: the state of the sidecar that has no more. */
  readonly endOf: SidecarVersion | undefined
}

/** Where a stream begins or goes on. */
export interface FeedPlace {
  readonly cursor: FeedCursor
  readonly behind: StreamPlace
  /** Whether events are read first that arrived before the place, up to the one it is behind. */
  readonly isEarlier: boolean
}

/** A place behind an event which the run does not have. */
export interface MissingPlace extends ReadingState {
  readonly version: SidecarVersion
}

/** What the feeds of a server share. */
export interface FeedParts {
  readonly reader: SidecarReader
  readonly pulse: SidecarPulse
  readonly turns: TurnTaker
  readonly batches: KeptBatches
}

/** The batches that were read last, of whatever run. */
export type KeptBatches = RecentReads<Batch | typeof MOVED>

/** The cursor is of no use any more: its place is to be found again. */
export const MOVED = 'moved'

/**
 * The events of one run in the order of arrival, for all who follow it: each asks
 * for what comes behind the place where it stands, and what several ask for is
 * read once.
 */
export class RunFeed {
  readonly name: string
  readonly #reader: SidecarReader
  readonly #pulse: SidecarPulse
  readonly #turns: TurnTaker
  readonly #batches: KeptBatches
  #space: RowSpace | undefined
  readonly #orders = new Map<RowId, Arrivals>()

  constructor(name: string, { reader, pulse, turns, batches }: FeedParts) {
    this.name = name
    this.#reader = reader
    this.#pulse = pulse
    this.#turns = turns
    this.#batches = batches
  }

  /**
   * The place behind an event, or before the first one.
   *
   * @throws TurnlogError SIMULATION_NOT_FOUND, or when the sidecar cannot be read
   */
  async find(behind: StreamPlace): Promise<FeedPlace | MissingPlace> {
    return this.#read(async (snapshot, space) => {
      if (behind === null) return place(space, behind, { after: BEFORE_ALL, isEarlier: false })
      const arrival = await findArrival(snapshot, space.simulation, behind)
      if (arrival !== undefined) return place(space, behind, arrival)
      const state = await readReadingState(snapshot, space.simulation)
      return { ...state, version: await readSidecarVersion(snapshot) }
    })
  }

  /**
   * The place behind the event that arrived last.
   *
   * @throws TurnlogError SIMULATION_NOT_FOUND, or when the sidecar cannot be read
   */
  async findEnd(): Promise<FeedPlace> {
    for (;;) {
      const { space, after, events } = await this.#read(async (snapshot, space) => {
        const { events } = await readReadingState(snapshot, space.simulation)
        return { space, events, after: await readLastRow(snapshot) }
      })
      const behind = events === 0 ? null : await this.#findLast(space, after.row)
      if (behind !== undefined) return place(space, behind, { after, isEarlier: false })
    }
  }

  /** The event that arrived last; undefined when rows were numbered anew meanwhile. */
  async #findLast(space: RowSpace, end: RowId): Promise<StreamPlace | undefined> {
    let before = end
    while (before > 0) {
      const found = await this.#read(async (snapshot, current) =>
        current === space ? findLastArrival(snapshot, space.simulation, before) : undefined,
      )
      if (typeof found !== 'number') return found
      before = found
      await this.#turns.take()
    }
    return null
  }

  /**
   * What comes next behind a cursor.
   *
   * @param searched whether what is searched of events is read, too
   * @throws what {@link find} throws
   */
  async read(cursor: FeedCursor, searched: boolean): Promise<Batch | typeof MOVED> {
    if (cursor.space !== this.#space) return MOVED
    const { row, owner } = cursor.after
    const key = `${cursor.space.key}${row} ${owner ?? ''} ${cursor.passed}${searched ? ' searched' : ''}`
    return this.#batches.get(key, () => this.#readBatch(cursor, searched))
  }

  /** Waits until it is one's turn to work, among all who follow any run. */
  async turn(): Promise<void> {
    await this.#turns.take()
  }

  /** Waits until there may be more. */
  async changed(since: SidecarVersion, patience: Patience): Promise<void> {
    await this.#pulse.changed(since, patience)
  }

  /** Forgets what was read: every cursor is of no use any more. */
  forget(): void {
    if (this.#space !== undefined) this.#batches.forgetAll(this.#space.key)
    this.#orders.clear()
    this.#space = undefined
  }

  async #readBatch(cursor: FeedCursor, searched: boolean): Promise<Batch | typeof MOVED> {
    // Reading is done without waiting: others have their turn before.
    await this.#turns.take()
    return this.#read(async (snapshot, space) => {
      if (space !== cursor.space) return MOVED
      const arrivals = await this.#readOrder(snapshot, cursor)
      if (arrivals === undefined || arrivals.rows.length < cursor.passed) return MOVED
      const rows = takeBatch(arrivals, cursor.passed)
      const events = await readArrivedEvents(snapshot, space.simulation, rows, { searched })
      const passed = cursor.passed + rows.length
      const isDone = passed === arrivals.rows.length
      const isEnd = isDone && arrivals.end.row === cursor.after.row
      return {
        events: events.map(frameEvent),
        next: isDone ? { space, after: arrivals.end, passed: 0 } : { ...cursor, passed },
        endOf: isEnd ? await readSidecarVersion(snapshot) : undefined,
      }
    })
  }

  async #readOrder(
    snapshot: Snapshot,
    { space, after }: FeedCursor,
  ): Promise<Arrivals | undefined> {
    const kept = this.#orders.get(after.row)
    if (kept !== undefined) return kept
    const arrivals = await readArrivals(snapshot, space.simulation, after)
    if (arrivals === undefined || arrivals.rows.length === 0) return arrivals
    this.#orders.set(after.row, arrivals)
    const [oldest] = this.#orders.keys()
    if (this.#orders.size > MOST_ORDERS && oldest !== undefined) this.#orders.delete(oldest)
    return arrivals
  }

  async #read<T>(use: (snapshot: Snapshot, space: RowSpace) => Promise<T>): Promise<T> {
    return this.#reader.read(async (snapshot) => {
      const simulation = await findSimulation(snapshot, this.name)
      return use(snapshot, this.#enter(snapshot.openFile, simulation))
    })
  }

  /** Forgets what was read of other rows. */
  #enter(openFile: symbol, simulation: SimulationRef): RowSpace {
    const space = this.#space
    if (space?.openFile === openFile && space.simulation.id === simulation.id) return space
    this.forget()
    this.#space = { key: `${++spaces} `, openFile, simulation }
    return this.#space
  }
}

/** To be shared by the feeds of a server. */
export function keepBatches(): KeptBatches {
  return new RecentReads(MOST_KEPT, (batch) =>
    batch === MOVED ? 0 : batch.events.reduce((sum, event) => sum + lengthOf(event), 0),
  )
}

/** The texts of an event, in characters: the rest is little. */
function lengthOf({ frame, details, searched }: FeedEvent): number {
  const searchedLength = (searched?.description?.length ?? 0) + (searched?.details?.length ?? 0)
  return frame.length + (details?.length ?? 0) + searchedLength
}

/** The line itself is not kept: it stands in the frame. */
function frameEvent({ text, ...event }: ArrivedEvent): FeedEvent {
  return { ...event, frame: spellEvent({ eventId: event.eventId, text }) }
}

function place(
  space: RowSpace,
  behind: StreamPlace,
  { after, isEarlier }: { readonly after: RowMark; readonly isEarlier: boolean },
): FeedPlace {
  return { cursor: { space, after, passed: 0 }, behind, isEarlier }
}

function takeBatch({ rows }: Arrivals, from: number): RowId[] {
  const taken: RowId[] = []
  let bytes = 0
  for (let at = from; at < rows.length && taken.length < BATCH_EVENTS; at++) {
    const row = rows[at]
    if (row === undefined || bytes >= BATCH_BYTES) break
    taken.push(row.id)
    bytes += row.length
  }
  return taken
}
