import { formatTimestamp } from '../src/event/timestamp.js'
import type { EventFilter } from '../src/query/event-filter.js'
import type { Question } from './question.js'

/**
 * The SQL that asks DuckDB a question about a run.
 *
 * @param source a table of events, or a table function that reads them
 * @throws Error when it is a question that has no counterpart there
 */
export function questionSql(source: string, question: Question): string {
  switch (question.kind) {
    case 'page': {
      const { filter, order, limit, offset = 0, cursor } = question.request
      if (cursor !== undefined) throw new Error('DuckDB has no page cursors')
      return `SELECT * FROM ${source} ${where(filter)}
        ORDER BY timestamp ${order}, event_id ${order} LIMIT ${limit} OFFSET ${offset}`
    }
    case 'total':
      return `SELECT count(*) FROM ${source} ${where(question.filter)}`
    case 'event':
      return `SELECT * FROM ${source} WHERE event_id = ${literal(question.eventId)}`
    case 'trace': {
      const { direction, depth } = question.request
      if (direction !== 'upstream') throw new Error('only the way upstream is compared')
      return upstream(source, question.eventId, depth)
    }
    case 'path':
    case 'histogram':
    case 'agents':
    case 'variables':
    case 'variable':
    case 'simulation':
    case 'simulations':
      throw new Error(`DuckDB knows of no ${question.kind}`)
  }
}

function where(filter: EventFilter): string {
  const { startTimestamp, endTimestamp, turnStart, turnEnd, eventTypes, agentIds } = filter
  const conditions = [
    startTimestamp && `timestamp >= '${formatTimestamp(startTimestamp)}'`,
    endTimestamp && `timestamp <= '${formatTimestamp(endTimestamp)}'`,
    turnStart !== undefined && `turn_number >= ${turnStart}`,
    turnEnd !== undefined && `turn_number <= ${turnEnd}`,
    eventTypes && `event_type IN (${eventTypes.map(literal).join(', ')})`,
    agentIds && `agent_id IN (${agentIds.map(literal).join(', ')})`,
  ].filter((condition) => typeof condition === 'string')
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
}

function upstream(source: string, eventId: string, depth: number): string {
  return `WITH RECURSIVE walk(event_id, depth) AS (
      SELECT unnest(caused_by), 1 FROM ${source} WHERE event_id = ${literal(eventId)}
      UNION
      SELECT unnest(event.caused_by), walk.depth + 1
      FROM walk JOIN ${source} AS event ON event.event_id = walk.event_id
      WHERE walk.depth < ${depth}
    )
    SELECT event.*, nearest.depth
    FROM (SELECT event_id, min(depth) AS depth FROM walk GROUP BY event_id) AS nearest
    JOIN ${source} AS event USING (event_id)
    ORDER BY nearest.depth, event.timestamp, event.event_id`
}

/** A text in SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
