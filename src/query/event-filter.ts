import type { TimestampMicros } from '../event/timestamp.js'
import type { CellRequest } from './find-cells.js'

/** Which events of a run are meant; what is left out does not restrict. */
export interface EventFilter extends CellRequest {
  /** Inclusive. */
  readonly startTimestamp?: TimestampMicros | undefined
  /** Inclusive. */
  readonly endTimestamp?: TimestampMicros | undefined
  /** Inclusive. */
  readonly turnStart?: number | undefined
  /** Inclusive. */
  readonly turnEnd?: number | undefined
}
