/**
 * A process that writes events at a steady rate, each of which carries when it
 * was emitted: takes a `SteadyJob` as its argument, prints a `SteadyResult`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createActionEvent } from '../src/event/builders.js'
import { EventWriter } from '../src/writer/event-writer.js'
import { sharedNow, type SteadyJob, steadyJobSchema, type SteadyResult } from './visibility-job.js'

const EVENTS_PER_TURN = 100
const AGENTS = 20
const PAYLOAD = { good: 'grain', amount: 12.5, note: 'as agreed in the turn before, '.repeat(7) }

async function write({ root, simulationId, rate, seconds }: SteadyJob): Promise<SteadyResult> {
  const writer = new EventWriter({ outputDir: root, simulationId }).start()
  const events = rate * seconds
  const startedAt = performance.now()
  let emitted = 0
  while (emitted < events) {
    const due = Math.min(events, ((performance.now() - startedAt) / 1000) * rate)
    for (; emitted < due; emitted++) {
      writer.emit(
        createActionEvent({
          simulationId,
          turnNumber: Math.floor(emitted / EVENTS_PER_TURN),
          agentId: `agent_${emitted % AGENTS}`,
          actionType: 'trade',
          actionPayload: PAYLOAD,
          details: { emitted_at: sharedNow() },
        }),
      )
    }
    await sleep(1)
  }
  const elapsed = (performance.now() - startedAt) / 1000
  const { complete, stats } = await writer.stop()
  if (!complete) throw new Error(`the writer left ${stats.queued} events unwritten`)
  return { written: stats.written, dropped: stats.dropped, seconds: elapsed }
}

const result = await write(steadyJobSchema.parse(JSON.parse(process.argv[2] ?? '')))
process.stdout.write(JSON.stringify(result))
