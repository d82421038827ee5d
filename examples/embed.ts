/**
 * The writer in a loop of your own.
 *
 *     node dist/examples/embed.js [outputRoot]
 */
import { createActionEvent, createMilestoneEvent, EventWriter } from 'turnlog'

const simulationId = `embed-${Date.now()}`
const writer = new EventWriter({ outputDir: process.argv[2] ?? 'output', simulationId }).start()
for (let turnNumber = 1; turnNumber <= 100; turnNumber++) {
  const turn = createMilestoneEvent({ simulationId, turnNumber, milestoneType: 'turn_start' })
  writer.emit(turn)
  writer.within(turn, () => {
    const trade = { actionType: 'trade', actionPayload: { good: 'grain', amount: 3 } }
    writer.emit(createActionEvent({ simulationId, turnNumber, agentId: 'alice', ...trade }))
  })
}
const { stats } = await writer.stop() // everything accepted is on disk
console.log(`${stats.written} events in ${simulationId}`)
