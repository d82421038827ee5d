import { SidecarReader, type Snapshot } from '../sidecar/sidecar-reader.js'
import { TurnQueue, type TurnRequest } from './turn-queue.js'
import { WorkLimit, type WorkLimitOptions } from './work-limit.js'

/** More would only take time from each other. */
const MOST_AT_ONCE = 2
/** More would hardly have their turn in time. */
const MOST_WAITING = 100
/** How long a part goes on while somebody waits, in milliseconds. */
const SHORT_PART_MS = 200

/**
 * Reads that may look through many events. Each has a connection of its own and
 * gives way between its parts, so that short reads are answered meanwhile; a few
 * go on at once, others wait, and that time counts.
 */
export class LongReads {
  readonly #path: string
  readonly #turns = new TurnQueue(MOST_AT_ONCE, MOST_WAITING)
  /** Of the parts that go on now. */
  readonly #partLimits = new Set<WorkLimit>()

  /** @param path the sidecar */
  constructor(path: string) {
    this.#path = path
  }

  /**
   * Runs queries on one snapshot. It comes before all parts that wait.
   *
   * @throws TurnlogError QUERY_TOO_BROAD when it takes longer than its limit, SERVER_BUSY when
   *   it has no turn within its limit or too many wait, or what {@link SidecarReader.read} throws
   * @throws the signal's reason when it aborts
   */
  async read<T>(
    options: WorkLimitOptions,
    use: (snapshot: Snapshot, limit: WorkLimit) => Promise<T>,
  ): Promise<T> {
    const limit = new WorkLimit(options)
    const { limitMs, signal } = options
    return this.#inTurn({ limitMs, signal }, async (reader) => {
      await limit.pause()
      return reader.read((snapshot) => use(snapshot, limit))
    })
  }

  /**
   * Runs a part of what may go on for long: it is to end with what it has when its time is up,
   * which begins with its turn and is short while somebody waits.
   *
   * @throws what {@link SidecarReader.read} throws, or the signal's reason when it aborts
   */
  async readPart<T>(
    options: WorkLimitOptions,
    use: (snapshot: Snapshot, limit: WorkLimit) => Promise<T>,
  ): Promise<T> {
    const { signal } = options
    return this.#inTurn({ isPatient: true, signal }, async (reader) => {
      signal?.throwIfAborted()
      const limit = new WorkLimit(options)
      if (this.#turns.length > 0) limit.shorten(SHORT_PART_MS)
      this.#partLimits.add(limit)
      try {
        return await reader.read((snapshot) => use(snapshot, limit))
      } finally {
        this.#partLimits.delete(limit)
      }
    })
  }

  async #inTurn<T>(request: TurnRequest, use: (reader: SidecarReader) => Promise<T>): Promise<T> {
    const turn = this.#turns.take(request)
    if (this.#turns.length > 0) for (const limit of this.#partLimits) limit.shorten(SHORT_PART_MS)
    await turn
    try {
      const reader = new SidecarReader(this.#path)
      try {
        return await use(reader)
      } finally {
        await reader.close()
      }
    } finally {
      this.#turns.pass()
    }
  }
}
