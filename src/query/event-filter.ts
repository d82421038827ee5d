import type { TimestampMicros } from '../event/timestamp.js'
import type { DetailsTest } from './details-test.js'
import type { CellRequest } from './find-cells.js'
import type { SearchQuery } from './search-query.js'

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
  /** What it must say, and what it must not. */
  readonly search?: SearchQuery | undefined
  /** What its details must have, all of it. */
  readonly details?: readonly DetailsTest[] | undefined
}

/** Whether a filter asks what only the texts of events tell, so that many may have to be looked at. */
export function asksOfTexts({ search, details }: EventFilter): boolean {
  return (search ?? details) !== undefined
}
