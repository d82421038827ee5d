import { createDetailEvent } from '../event/builders.js'
import type { EventId } from '../event/event-id.js'
import type { TurnlogEvent } from '../event/event-schema.js'
import type { RecordingTools } from './agent.js'
import { createRecordCall } from './record-call.js'
import type { RunRecorder } from './run-recorder.js'

/** Where an engine or an agent records. */
export interface ToolPlace {
  readonly recorder: RunRecorder
  readonly signal: AbortSignal
  /** Whose calculations and calls these are; none for the engine's. */
  readonly agentId?: string
  /** What is recorded now comes from these. */
  readonly causes: () => readonly EventId[]
  /** Is told what was recorded. */
  readonly note?: (event: TurnlogEvent) => void
}

/** Makes the tools for one place. They need no `this`, so they can be handed around. */
export function createTools(place: ToolPlace): RecordingTools {
  const { recorder, signal, agentId, causes, note } = place
  const emit = (event: TurnlogEvent): void => {
    // What comes in when the run is over is no part of it.
    if (signal.aborted) return
    recorder.emit(event)
    note?.(event)
  }
  return {
    simulationId: recorder.simulationId,
    turnNumber: recorder.turnNumber,
    signal,
    writer: recorder.writer,
    calculate: (calculationType, intermediateValues, description) => {
      const calculation = { calculationType, intermediateValues, description, agentId }
      emit(createDetailEvent({ ...recorder.place(causes()), ...calculation }))
    },
    recordCall: (name, call, options) => {
      const details = { agent: agentId }
      const recordCall = createRecordCall({ ...recorder.place(causes()), emit, signal, details })
      return recordCall(name, call, options)
    },
  }
}
