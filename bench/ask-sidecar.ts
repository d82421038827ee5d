import type { EventText } from '../src/query/event-row.js'
import { findCausalPath } from '../src/query/find-causal-path.js'
import { countHistogram } from '../src/query/count-histogram.js'
import { getEvent } from '../src/query/get-event.js'
import { getSimulation } from '../src/query/get-simulation.js'
import { listAgents } from '../src/query/list-agents.js'
import { listEvents } from '../src/query/list-events.js'
import { listSimulations } from '../src/query/list-simulations.js'
import { listVariables } from '../src/query/list-variables.js'
import { readVariable } from '../src/query/read-variable.js'
import { traceCausality } from '../src/query/trace-causality.js'
import { WorkLimit } from '../src/query/work-limit.js'
import type { Snapshot } from '../src/sidecar/sidecar-reader.js'
import type { Question } from './question.js'

/** What a question brings to light, as far as answers of different kinds have it in common. */
export interface Answer {
  readonly events: readonly EventText[]
  /** How many match, where that was asked. */
  readonly total?: number | null
}

/** More than any question takes. */
const PLENTY_MS = 60_000

/** Answers a question about a run from the query layer. */
export async function askSidecar(
  snapshot: Snapshot,
  simulationId: string,
  question: Question,
): Promise<Answer> {
  switch (question.kind) {
    case 'page':
      return listEvents(snapshot, simulationId, question.request)
    case 'total': {
      const { filter } = question
      return listEvents(snapshot, simulationId, { filter, order: 'asc', limit: 1 })
    }
    case 'event':
      return { events: [await getEvent(snapshot, simulationId, question.eventId)] }
    case 'trace': {
      const { eventId, request } = question
      const trace = await traceCausality(snapshot, simulationId, eventId, request)
      return { events: [...trace.upstream, ...trace.downstream].map(({ text }) => text) }
    }
    case 'path': {
      const request = { ...question, maxEvents: Infinity }
      const limit = new WorkLimit({ limitMs: Infinity })
      return { events: await findCausalPath(snapshot, simulationId, request, limit) }
    }
    case 'histogram': {
      const limit = new WorkLimit({ limitMs: PLENTY_MS })
      const { total } = await countHistogram(snapshot, simulationId, question.request, limit)
      return { events: [], total }
    }
    case 'agents':
      await listAgents(snapshot, simulationId)
      return { events: [] }
    case 'variables':
      await listVariables(snapshot, simulationId)
      return { events: [] }
    case 'variable': {
      const { name, request } = question
      const { total } = await readVariable(snapshot, simulationId, name, request)
      return { events: [], total }
    }
    case 'simulation':
      await getSimulation(snapshot, simulationId)
      return { events: [] }
    case 'simulations':
      await listSimulations(snapshot)
      return { events: [] }
  }
}

/** The id of an event. */
export function idOf(text: EventText): string {
  return /"event_id":"([^"]+)"/.exec(text)?.[1] ?? ''
}
