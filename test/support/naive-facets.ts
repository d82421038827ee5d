import { z } from 'zod'
import { formatTimestamp } from '#src/event/timestamp.js'
import type { AgentList } from '#src/query/list-agents.js'
import type { VariableItem } from '#src/query/list-variables.js'
import type { ChangeFilter } from '#src/query/read-variable.js'
import { filterNaively, type NaiveEvent } from './naive.js'
import { tally } from './naive-histogram.js'

/** The agents of a run, by looking at every event. */
export function agentsNaively(events: readonly NaiveEvent[]): AgentList {
  const describe = (ofAgent: readonly NaiveEvent[]) => ({
    event_count: ofAgent.length,
    events_by_type: tally(ofAgent.map(({ type }) => type)),
  })
  const ids = [...new Set(events.flatMap(({ agentId }) => agentId ?? []))].sort()
  return {
    agents: ids.map((id) => ({
      agent_id: id,
      ...describe(events.filter(({ agentId }) => agentId === id)),
    })),
    without_agent: describe(events.filter(({ agentId }) => agentId === undefined)),
  }
}

/** Every change of a variable, with its name. */
function changesOf(events: readonly NaiveEvent[]): (NaiveEvent & { readonly kind: string })[] {
  return events.flatMap((event) =>
    event.kind !== undefined && (event.type === 'STATE' || event.type === 'ENV')
      ? [{ ...event, kind: event.kind }]
      : [],
  )
}

/** Whose some changes are: what is of no agent first. */
function ownersOf(changes: readonly NaiveEvent[]): (string | undefined)[] {
  const ids = new Set(changes.map(({ agentId }) => agentId))
  const named = [...ids].filter((id) => id !== undefined).sort()
  return ids.has(undefined) ? [undefined, ...named] : named
}

/** The variables of a run, by looking at every event. */
export function variablesNaively(events: readonly NaiveEvent[]): VariableItem[] {
  const all = changesOf(events)
  const names = [...new Set(all.map(({ kind }) => kind))].sort()
  return names.map((name) => {
    const changes = all.filter(({ kind }) => kind === name)
    return {
      name,
      event_count: changes.length,
      agents: ownersOf(changes).map((id) => ({
        agent_id: id ?? null,
        event_count: changes.filter(({ agentId }) => agentId === id).length,
      })),
    }
  })
}

const changeSchema = z.object({
  event_id: z.string(),
  turn_number: z.int(),
  details: z.looseObject({}),
})

/** A page of the changes of a variable as it is answered, but for its cursor. */
export function seriesNaively(
  events: readonly NaiveEvent[],
  name: string,
  filter: ChangeFilter,
  [first, end]: readonly [first: number, end: number],
): { total: number; series: unknown[]; has_more: boolean } {
  const matching = filterNaively(events, { ...filter, kinds: [name], eventTypes: ['STATE'] })
  const page = matching.slice(first, end)
  return {
    total: matching.length,
    series: ownersOf(page).map((id) => ({
      agent_id: id ?? null,
      points: page.filter(({ agentId }) => agentId === id).map(toPoint),
    })),
    has_more: end < matching.length,
  }
}

function toPoint({ line, position }: NaiveEvent): unknown {
  const { event_id: id, turn_number: turn, details } = changeSchema.parse(JSON.parse(line))
  return {
    event_id: id,
    timestamp: formatTimestamp(position.timestamp),
    turn_number: turn,
    old_value: details['old_value'] ?? null,
    new_value: details['new_value'] ?? null,
  }
}
