import { TurnlogError } from '../errors.js'
import { encodeLine } from '../event/event-line.js'
import type { EventPosition } from '../event/event-order.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { type EventText, findEventRow } from './event-row.js'
import { findSimulation, type SimulationRef } from './simulation-row.js'

/**
 * One event of a run, as its line spells it.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND or EVENT_NOT_FOUND
 */
export async function getEvent(
  snapshot: Snapshot,
  simulationName: string,
  eventId: string,
): Promise<EventText> {
  const simulation = await findSimulation(snapshot, simulationName)
  return (await findEvent(snapshot, simulation, eventId)).text
}

/** An event and its row. */
export interface FoundEvent {
  readonly id: number
  readonly position: EventPosition
  readonly text: EventText
}

/** @throws TurnlogError EVENT_NOT_FOUND */
export async function findEvent(
  snapshot: Snapshot,
  simulation: SimulationRef,
  eventId: string,
): Promise<FoundEvent> {
  const row = await findEventRow(snapshot, simulation, eventId)
  if (row !== undefined) {
    return { id: row.id, position: row, text: encodeLine(row, simulation.name) }
  }
  throw new TurnlogError('EVENT_NOT_FOUND', {
    message: `simulation ${JSON.stringify(simulation.name)} has no event ${JSON.stringify(eventId)}`,
    hint: '`turnlog events RUN` lists the events there are',
  })
}
