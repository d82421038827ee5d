/**
 * A process that measures what an event costs that the verbosity filters out:
 * takes a `FilteredJob` as its argument, prints a `FilteredResult`.
 */
import { createDetailEvent } from '../src/event/builders.js'
import { EventWriter } from '../src/writer/event-writer.js'
import { type FilteredJob, filteredJobSchema, type FilteredResult } from './emit-job.js'

/** More than a writer remembers, so that each is new to it. */
const DISTINCT_EVENTS = 100_000

async function measure({ events, directory }: FilteredJob): Promise<FilteredResult> {
  const simulationId = 'filtered'
  const details = Array.from({ length: DISTINCT_EVENTS }, (_, index) =>
    createDetailEvent({
      simulationId,
      turnNumber: Math.floor(index / 100),
      agentId: `agent_${index % 20}`,
      calculationType: 'interest',
      intermediateValues: { principal: index, rate: 0.05 },
    }),
  )
  const writer = new EventWriter({
    outputDir: directory,
    simulationId,
    verbosity: 'ACTION',
  }).start()
  const startedAt = performance.now()
  for (let emitted = 0; emitted < events;) {
    for (const event of details.slice(0, events - emitted)) {
      writer.emit(event)
      emitted++
    }
  }
  const cost = ((performance.now() - startedAt) * 1000) / events
  const { stats } = await writer.stop()
  if (stats.filtered !== events || stats.written > 0) {
    throw new Error(`filtered ${stats.filtered} of ${events} events, wrote ${stats.written}`)
  }
  return { cost }
}

const result = await measure(filteredJobSchema.parse(JSON.parse(process.argv[2] ?? '')))
process.stdout.write(JSON.stringify(result))
