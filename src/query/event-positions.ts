import type { EventPosition } from '../event/event-order.js'
import type { TimestampMicros } from '../event/timestamp.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { idList } from './id-list.js'

/** A row, and where its event stands in the order of events. */
export interface PlacedRow extends EventPosition {
  readonly id: number
}

/** Where events stand, in no order. */
export function readPositions(snapshot: Snapshot, ids: readonly number[]): Promise<PlacedRow[]> {
  return snapshot
    .selectFrom('event')
    .select(['id', 'timestamp', 'event_id as eventId'])
    .$narrowType<{ timestamp: TimestampMicros }>()
    .where('id', 'in', idList(ids))
    .execute()
}
