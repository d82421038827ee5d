import { encodeLine } from '../event/event-line.js'
import { wholeDetails } from '../event/stored-parts.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { SearchedText } from '../sidecar/text-matcher.js'
import type { RowId } from './arrival-order.js'
import { readParticipants } from './cell-words.js'
import type { MatchedEvent } from './event-matcher.js'
import { type EventText, readEventRows } from './event-row.js'
import { idList } from './id-list.js'
import { withSearchTables } from './search-tables.js'
import type { SimulationRef } from './simulation-row.js'

/** An event, and what of it filters look at. */
export interface ArrivedEvent extends MatchedEvent {
  readonly eventId: string
  readonly text: EventText
}

/**
 * Events by their rows, in the order of these.
 *
 * @param searched whether what is searched of them is read, too
 * @throws RangeError when a damaged sidecar names something that is not there
 */
export async function readArrivedEvents(
  snapshot: Snapshot,
  simulation: SimulationRef,
  rows: readonly RowId[],
  { searched }: { readonly searched: boolean },
): Promise<ArrivedEvent[]> {
  const events = await readEventRows(snapshot, rows)
  const participantsOf = await readParticipants(
    snapshot,
    events.map(({ cell }) => cell),
  )
  const texts = searched ? await readSearchedTexts(snapshot, rows) : undefined
  return events.map((event) => ({
    eventId: event.eventId,
    timestamp: event.timestamp,
    turn: event.turn,
    type: event.type,
    agentId: event.agentId,
    kind: event.kind,
    participants: participantsOf(event.cell),
    details: wholeDetails(event),
    searched: texts?.get(event.id),
    text: encodeLine(event, simulation.name),
  }))
}

async function readSearchedTexts(
  snapshot: Snapshot,
  rows: readonly RowId[],
): Promise<ReadonlyMap<RowId, SearchedText>> {
  const texts = await withSearchTables(snapshot)
    .selectFrom('event_text')
    .selectAll()
    .where('id', 'in', idList(rows))
    .execute()
  return new Map(texts.map(({ id, ...text }) => [id, text]))
}
