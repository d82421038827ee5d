import { z } from 'zod'
import { formatTimestamp } from '../../src/event/timestamp.js'
import { decodeCursor } from '../../src/query/page-cursor.js'
import { readVariable, type VariablePoint } from '../../src/query/read-variable.js'
import { checkBounds, contradict, filterOf, filterFields } from '../../src/query/filter-fields.js'
import { integerOr } from '../../src/query/field-values.js'
import { MAX_EVENTS, simulationParameters } from '../parameters.js'
import { joinTexts } from '../../src/store/join-texts.js'
import { defineRoute } from '../route.js'

const DEFAULT_PAGE_SIZE = 1_000

const variableParameters = simulationParameters.extend({
  name: z.string().meta({ description: 'The variable, as its events name it.' }),
})

/** Which changes, and which page of them. */
const variableQuery = z
  .strictObject({
    start_timestamp: filterFields.start_timestamp,
    end_timestamp: filterFields.end_timestamp,
    turn_start: filterFields.turn_start,
    turn_end: filterFields.turn_end,
    agent_ids: filterFields.agent_ids,
    limit: integerOr(
      DEFAULT_PAGE_SIZE,
      { minimum: 1, maximum: MAX_EVENTS },
      'Points on the page, of all agents together.',
    ),
    cursor: z
      .string()
      .optional()
      .meta({ description: 'Where to go on: next_cursor of the page before.' }),
  })
  .superRefine(checkBounds, { when: () => true })
  .superRefine(checkCursor, { when: () => true })

/** Names a cursor that leads nowhere. */
function checkCursor(
  { cursor }: { readonly cursor?: unknown },
  context: z.core.$RefinementCtx,
): void {
  if (typeof cursor !== 'string') return
  const position = decodeCursor(cursor, 'asc')
  if ('problem' in position) contradict(context, 'cursor', position.problem)
}

const value = z.unknown().meta({ description: 'As its line spells it; null where it has none.' })

/** What it answers. */
export const variableResponse = z
  .object({
    name: z.string(),
    total: z.int().meta({ description: 'How many changes match in all, exactly.' }),
    series: z.array(
      z.object({
        agent_id: z.string().nullable(),
        points: z.array(
          z.object({
            event_id: z.string(),
            timestamp: z.string(),
            turn_number: z.int(),
            old_value: value,
            new_value: value,
          }),
        ),
      }),
    ),
    has_more: z.boolean(),
    next_cursor: z.string().nullable().meta({ description: 'Where the next page goes on.' }),
  })
  .meta({ id: 'Variable' })

/** `GET /simulations/{simulation_id}/variables/{name}`. */
export const readVariableRoute = defineRoute({
  path: '/simulations/{simulation_id}/variables/{name}',
  operationId: 'readVariable',
  summary: 'How a variable changed: a page of its values, by agent and in the order of time.',
  parameters: variableParameters,
  query: variableQuery,
  response: variableResponse,
  notFound: 'No simulation has this id, or it has no such variable.',
  readsSidecar: true,
  async answer({ parameters, query }, { reader }) {
    const { simulation_id: simulation, name } = parameters
    const { limit, cursor } = query
    const page = await reader.read((snapshot) =>
      readVariable(snapshot, simulation, name, { filter: filterOf(query), limit, cursor }),
    )
    const series = page.series.map(
      ({ agentId, points }) =>
        `{"agent_id":${JSON.stringify(agentId)},"points":[${joinTexts(points.map(spellPoint))}]}`,
    )
    const { total, hasMore, nextCursor } = page
    return `{"name":${JSON.stringify(name)},"total":${total},"series":[${joinTexts(series)}],"has_more":${JSON.stringify(hasMore)},"next_cursor":${JSON.stringify(nextCursor)}}`
  },
})

/** The values go out as they came in: parsing them would change how numbers are spelled. */
function spellPoint({ eventId, timestamp, turn, oldValue, newValue }: VariablePoint): string {
  return `{"event_id":${JSON.stringify(eventId)},"timestamp":"${formatTimestamp(timestamp)}","turn_number":${turn},"old_value":${oldValue},"new_value":${newValue}}`
}
