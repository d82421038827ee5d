import { setTimeout as sleep } from 'node:timers/promises'
import {
  isSameVersion,
  readSidecarVersion,
  type SidecarVersion,
} from '../src/query/sidecar-version.js'
import type { SidecarReader } from '../src/sidecar/sidecar-reader.js'

/** How often the sidecar is looked at while somebody waits for it to change, in milliseconds. */
const LOOK_MS = 50

/** How long somebody waits. */
export interface Patience {
  readonly limitMs: number
  /** Ends the waiting at once. */
  readonly signal: AbortSignal
}

interface Waiting {
  readonly seen: SidecarVersion
  readonly until: number
  readonly end: () => void
}

/** Tells everybody who waits when the sidecar has changed; it looks for all of them, and only while there are any. */
export class SidecarPulse {
  readonly #reader: SidecarReader
  readonly #waiting = new Set<Waiting>()
  #isLooking = false

  constructor(reader: SidecarReader) {
    this.#reader = reader
  }

  /** Waits until the sidecar is another than it was seen, or cannot be read, or time is up. */
  async changed(seen: SidecarVersion, { limitMs, signal }: Patience): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      const end = (): void => {
        this.#waiting.delete(waiting)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const waiting = { seen, until: performance.now() + limitMs, end }
      signal.addEventListener('abort', end)
      this.#waiting.add(waiting)
      void this.#look()
    })
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    while (this.#waiting.size > 0) {
      await sleep(LOOK_MS)
      const version = await this.#readVersion()
      const now = performance.now()
      for (const { seen, until, end } of this.#waiting) {
        if (now >= until || version === undefined || !isSameVersion(version, seen)) end()
      }
    }
    this.#isLooking = false
  }

  /** Undefined where the sidecar cannot be read: who waits reads it next, and learns why. */
  async #readVersion(): Promise<SidecarVersion | undefined> {
    try {
      return await this.#reader.read(readSidecarVersion)
    } catch {
      return undefined
    }
  }
}
