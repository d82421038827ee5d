import { formatTimestamp } from '../src/event/timestamp.js'
import type { EventFilter } from '../src/query/event-filter.js'
import type { Question } from './question.js'

/** The path, with its query, under which the server answers a question about a run. */
export function questionPath(simulationId: string, question: Question): string {
  const run = `/simulations/${encodeURIComponent(simulationId)}`
  switch (question.kind) {
    case 'page': {
      const { filter, order, limit, offset, cursor } = question.request
      const query = [...filterQuery(filter), ...pair('offset', offset), ...pair('cursor', cursor)]
      return `${run}/events?${spell([['order', order], ['limit', String(limit)], ...query])}`
    }
    case 'total':
      return `${run}/events?${spell([['limit', '1'], ...filterQuery(question.filter)])}`
    case 'event':
      return `${run}/events/${question.eventId}`
    case 'trace': {
      const { depth, direction, maxNodes } = question.request
      const query = { depth: String(depth), direction, max_nodes: String(maxNodes) }
      return `${run}/causality/${question.eventId}?${spell(Object.entries(query))}`
    }
    case 'path':
      return `${run}/causality/${question.cause}/path/${question.effect}`
    case 'histogram': {
      const { filter, by, buckets, split } = question.request
      const query = [...filterQuery(filter), ...pair('split', split)]
      return `${run}/histogram?${spell([['by', by], ['buckets', String(buckets)], ...query])}`
    }
    case 'agents':
      return `${run}/agents`
    case 'variables':
      return `${run}/variables`
    case 'variable': {
      const { filter, limit } = question.request
      const query = [...filterQuery(filter), ...pair('limit', limit)]
      return `${run}/variables/${encodeURIComponent(question.name)}?${spell(query)}`
    }
    case 'simulation':
      return run
    case 'simulations':
      return '/simulations'
  }
}

type Pair = [key: string, value: string]

function filterQuery(filter: EventFilter): Pair[] {
  const { startTimestamp, endTimestamp, turnStart, turnEnd, eventTypes, agentIds } = filter
  return [
    ...pair('start_timestamp', startTimestamp && formatTimestamp(startTimestamp)),
    ...pair('end_timestamp', endTimestamp && formatTimestamp(endTimestamp)),
    ...pair('turn_start', turnStart),
    ...pair('turn_end', turnEnd),
    ...(eventTypes ?? []).map((type): Pair => ['event_types', type]),
    ...(agentIds ?? []).map((agent): Pair => ['agent_ids', agent]),
  ]
}

function pair(key: string, value: string | number | undefined): Pair[] {
  return value === undefined ? [] : [[key, String(value)]]
}

function spell(pairs: Pair[]): string {
  return new URLSearchParams(pairs).toString()
}
