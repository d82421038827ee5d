import { createActionEvent } from '../src/event/builders.js'
import { EventWriter } from '../src/writer/event-writer.js'
import { type Latency, summarize } from './measure.js'

/** What emitting costs. */
export interface EmitFigures {
  /** From builder call to return. */
  readonly latency: Latency
  /** Events per second to the file, from the first emit to the end of stop(). */
  readonly rate: number
  readonly dropped: number
}

const PAYLOAD = {
  good: 'grain',
  amount: 12.5,
  price: 37,
  note: 'as agreed in the turn before, '.repeat(6),
}

/** Emits `events` ACTION events of about 540 bytes in one loop that never yields. */
export async function measureEmit(outputDir: string, events: number): Promise<EmitFigures> {
  const simulationId = 'emit'
  const writer = new EventWriter({ outputDir, simulationId }).start()
  const samples = new Float64Array(events)
  const startedAt = performance.now()
  let before = startedAt
  for (let index = 0; index < events; index++) {
    writer.emit(
      createActionEvent({
        simulationId,
        turnNumber: Math.floor(index / 100),
        agentId: `agent_${index % 20}`,
        actionType: 'trade',
        actionPayload: PAYLOAD,
        description: 'buys grain from its neighbour',
      }),
    )
    const after = performance.now()
    samples[index] = after - before
    before = after
  }
  await writer.stop()
  const seconds = (performance.now() - startedAt) / 1000
  return { latency: summarize(samples), rate: events / seconds, dropped: writer.stats().dropped }
}
