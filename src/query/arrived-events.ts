import { encodeLine } from '../event/event-line.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { RowId } from './arrival-order.js'
import { readParticipants } from './cell-words.js'
import type { MatchedEvent } from './event-matcher.js'
import { type EventText, readEventRows } from './event-row.js'
import type { SimulationRef } from './simulation-row.js'

/** An event, and what of it filters look at. */
export interface ArrivedEvent extends MatchedEvent {
  readonly eventId: string
  readonly text: EventText
}

/**
 * Events by their rows, in the order of these.
 *
 * @throws RangeError when a damaged sidecar names something that is not there
 */
export async function readArrivedEvents(
  snapshot: Snapshot,
  simulation: SimulationRef,
  rows: readonly RowId[],
): Promise<ArrivedEvent[]> {
  const events = await readEventRows(snapshot, rows)
  const participantsOf = await readParticipants(
    snapshot,
    events.map(({ cell }) => cell),
  )
  return events.map((event) => ({
    eventId: event.eventId,
    timestamp: event.timestamp,
    turn: event.turn,
    type: event.type,
    agentId: event.agentId,
    kind: event.kind,
    participants: participantsOf(event.cell),
    text: encodeLine(event, simulation.name),
  }))
}
