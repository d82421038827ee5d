import { SidecarReader, type Snapshot } from '../sidecar/sidecar-reader.js'
import { WorkLimit, type WorkLimitOptions } from './work-limit.js'

/** More would only take time from each other. */
const MOST_AT_ONCE = 2

/**
 * Reads that may look through many events. Each has a connection of its own and
 * gives way between its parts, so that short reads are answered meanwhile; a few
 * go on at once, others wait, and that time counts.
 */
export class LongReads {
  readonly #path: string
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** @param path the sidecar */
  constructor(path: string) {
    this.#path = path
  }

  /**
   * Runs queries on one snapshot.
   *
   * @throws TurnlogError QUERY_TOO_BROAD when it takes longer than its limit, or what
   *   {@link SidecarReader.read} throws
   * @throws the signal's reason when it aborts
   */
  async read<T>(
    options: WorkLimitOptions,
    use: (snapshot: Snapshot, limit: WorkLimit) => Promise<T>,
  ): Promise<T> {
    const limit = new WorkLimit(options)
    return this.#inTurn(async (reader) => {
      await limit.pause()
      return reader.read((snapshot) => use(snapshot, limit))
    })
  }

  /**
   * Runs a part of what may go on for long: it is to end with what it has when its time is up,
   * which begins with its turn.
   *
   * @throws what {@link SidecarReader.read} throws, or the signal's reason when it aborts
   */
  async readPart<T>(
    options: WorkLimitOptions,
    use: (snapshot: Snapshot, limit: WorkLimit) => Promise<T>,
  ): Promise<T> {
    return this.#inTurn(async (reader) => {
      options.signal?.throwIfAborted()
      return reader.read((snapshot) => use(snapshot, new WorkLimit(options)))
    })
  }

  async #inTurn<T>(use: (reader: SidecarReader) => Promise<T>): Promise<T> {
    await this.#takeTurn()
    const reader = new SidecarReader(this.#path)
    try {
      return await use(reader)
    } finally {
      await reader.close()
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  async #takeTurn(): Promise<void> {
    while (this.#running >= MOST_AT_ONCE) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#running++
  }
}
