/**
 * A simulation that never yields to the event loop, and loses nothing: the
 * writer drains its queue on a thread of its own meanwhile.
 *
 *     node dist/examples/sync-loop.js [outputRoot] [turns]
 */
import { createDetailEvent, createStateEvent, EventWriter } from 'turnlog'

const [, , outputDir = 'output', turns = '20000'] = process.argv
const simulationId = `sync-loop-${Date.now()}`
const writer = new EventWriter({ outputDir, simulationId, verbosity: 'DETAIL' }).start()

let population = 1000
for (let turnNumber = 1; turnNumber <= Number(turns); turnNumber++) {
  const growth = population * 0.05 * (1 - population / 50_000)
  const cause = createDetailEvent({
    simulationId,
    turnNumber,
    calculationType: 'logistic_growth',
    intermediateValues: { population, growth },
  })
  writer.emit(cause)
  const oldValue = population
  population += growth
  writer.emit(
    createStateEvent({
      simulationId,
      turnNumber,
      variableName: 'population',
      oldValue,
      newValue: population,
      scope: 'global',
      causedBy: [cause.event_id],
    }),
  )
}

const { stats } = await writer.stop()
console.log(
  `${stats.written} of ${stats.emitted} events in ${simulationId}, ${stats.dropped} dropped`,
)
