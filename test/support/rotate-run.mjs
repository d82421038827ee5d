// Records so many events in segments of a few kilobytes, a burst at a time.
import { setTimeout as sleep } from 'node:timers/promises'
import { createActionEvent, EventWriter } from '../../dist/src/index.js'

const [outputDir, events] = process.argv.slice(2)
const options = { outputDir, simulationId: 'run', maxFileSize: 4_000, overflow: 'block' }
const writer = new EventWriter(options).start()
for (let turnNumber = 0; turnNumber < Number(events); turnNumber++) {
  writer.emit(
    createActionEvent({
      simulationId: 'run',
      turnNumber,
      agentId: 'anna',
      actionType: 'trade',
      actionPayload: { note: 'x'.repeat(turnNumber % 300) },
    }),
  )
  if (turnNumber % 100 === 0) await sleep(5)
}
await writer.stop()
