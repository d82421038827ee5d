import type { EventId } from '../event/event-id.js'

/** Events of one generation: between one and two generations are remembered. */
const GENERATION_SIZE = 32_768

/**
 * Remembers what caused the events that were left out of the log, so that a
 * link to one of them can go to its nearest recorded ancestors instead. Taking
 * note is cheap, since most are never asked about; at least the last 32,768 are
 * remembered.
 */
export class UnrecordedEvents {
  #recent = new Generation()
  #older = new Generation()

  /** @param causes what caused the event, recorded or not */
  note(id: EventId, causes: readonly EventId[]): void {
    if (this.#recent.size === GENERATION_SIZE) {
      const forgotten = this.#older
      forgotten.clear()
      this.#older = this.#recent
      this.#recent = forgotten
    }
    this.#recent.add(id, causes)
  }

  /**
   * The causes with each unrecorded one replaced by its nearest recorded
   * ancestors, each once, in the order they are met; the same list where there
   * is nothing to replace.
   */
  nearestRecorded(causes: readonly EventId[]): readonly EventId[] {
    if (this.#recent.size === 0) return causes
    if (causes.every((id) => this.#causesOf(id) === undefined)) return causes
    const recorded = new Set<EventId>()
    for (const cause of causes) {
      const behind = this.#causesOf(cause)
      if (behind === undefined) recorded.add(cause)
      else for (const id of this.#resolve(cause, behind)) recorded.add(id)
    }
    return [...recorded]
  }

  /** For an event that is in the log after all. */
  forget(id: EventId): void {
    this.#recent.forget(id)
    this.#older.forget(id)
  }

  /** Follows an unrecorded event to what is recorded, and remembers that in its place: chains stay short. */
  #resolve(id: EventId, causes: readonly EventId[]): readonly EventId[] {
    const recorded = new Set<EventId>()
    const visited = new Set([id])
    const waiting = causes.toReversed()
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (visited.has(next)) continue
      visited.add(next)
      const behind = this.#causesOf(next)
      if (behind === undefined) recorded.add(next)
      else for (const cause of behind.toReversed()) waiting.push(cause)
    }
    const resolved = [...recorded]
    if (!this.#recent.replace(id, resolved)) this.#older.replace(id, resolved)
    return resolved
  }

  #causesOf(id: EventId): readonly EventId[] | undefined {
    return this.#recent.causesOf(id) ?? this.#older.causesOf(id)
  }
}

/** A list that is indexed when it is first asked, and then as far as it has grown since. */
class Generation {
  // Filled anew again and again, since growing them is most of the cost.
  readonly #ids: EventId[] = []
  readonly #causes: (readonly EventId[])[] = []
  readonly #index = new Map<EventId, readonly EventId[]>()
  #size = 0
  #indexed = 0

  get size(): number {
    return this.#size
  }

  add(id: EventId, causes: readonly EventId[]): void {
    this.#ids[this.#size] = id
    this.#causes[this.#size] = causes
    this.#size++
  }

  causesOf(id: EventId): readonly EventId[] | undefined {
    for (; this.#indexed < this.#size; this.#indexed++) {
      this.#index.set(this.#ids[this.#indexed] ?? '', this.#causes[this.#indexed] ?? [])
    }
    return this.#index.get(id)
  }

  /** @returns whether it is remembered here */
  replace(id: EventId, causes: readonly EventId[]): boolean {
    if (this.causesOf(id) === undefined) return false
    this.#index.set(id, causes)
    return true
  }

  forget(id: EventId): void {
    if (this.causesOf(id) !== undefined) this.#index.delete(id)
  }

  clear(): void {
    this.#index.clear()
    this.#size = 0
    this.#indexed = 0
  }
}
