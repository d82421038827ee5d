/** How often a warning of one kind is repeated at most, in milliseconds. */
const WARN_EVERY_MS = 5_000

/** Keeps what happens all the time from filling the log it is warned about in. */
export class WarningLimit {
  readonly #warnedAt = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** @returns whether a warning of this kind is due; it is then taken for given */
  isDue(kind: string): boolean {
    const now = this.#now()
    const warnedAt = this.#warnedAt.get(kind)
    if (warnedAt !== undefined && now - warnedAt < WARN_EVERY_MS) return false
    this.#warnedAt.set(kind, now)
    return true
  }
}
