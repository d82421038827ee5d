import type { DiscoveryProblem } from '../src/segment/discovery.js'
import type { IngestCounts } from './ingest-counts.js'

/** What a pass over a root came to. */
export interface PassReport extends IngestCounts {
  /** Runs and segments looked at. */
  readonly simulations: number
  readonly segments: number
  /** Runs taken out because their directory is gone. */
  readonly removed: number
  readonly problems: readonly DiscoveryProblem[]
}
