import type { SidecarReader } from '../src/sidecar/sidecar-reader.js'
import { type FeedParts, keepBatches, RunFeed } from './run-feed.js'
import { SidecarPulse } from './sidecar-pulse.js'
import { TurnTaker } from './turn-taker.js'

/** The runs that somebody follows, each with one feed for all who do. */
export class LiveRuns {
  readonly #parts: FeedParts
  readonly #feeds = new Map<string, { readonly feed: RunFeed; followers: number }>()

  constructor(reader: SidecarReader) {
    this.#parts = {
      reader,
      pulse: new SidecarPulse(reader),
      turns: new TurnTaker(),
      batches: keepBatches(),
    }
  }

  /** Whether there is such a run is seen when its feed is read. To be left again. */
  join(name: string): RunFeed {
    let live = this.#feeds.get(name)
    if (live === undefined) {
      live = { feed: new RunFeed(name, this.#parts), followers: 0 }
      this.#feeds.set(name, live)
    }
    live.followers++
    return live.feed
  }

  /** Forgets what was kept of a run when nobody follows it any more. */
  leave({ name }: RunFeed): void {
    const live = this.#feeds.get(name)
    if (live === undefined || --live.followers > 0) return
    live.feed.forget()
    this.#feeds.delete(name)
  }
}
