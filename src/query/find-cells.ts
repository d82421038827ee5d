import { eventTypeCode, type RecordedEventType, spellingsOf } from '../event/event-type.js'
import { CellFilter } from '../sidecar/event-cell.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { idList } from './id-list.js'
import { inChunks } from './in-chunks.js'

/** What an event must be, wherever it stands; what is left out does not restrict. */
export interface CellRequest {
  /** Any of these; STATE and ENV are one. */
  readonly eventTypes?: readonly RecordedEventType[] | undefined
  /** Any of these, exactly, as `agent_id`. */
  readonly agentIds?: readonly string[] | undefined
  /** Any of these, as the type's own word: milestone_type, action_type, variable_name … */
  readonly kinds?: readonly string[] | undefined
  /** Any of these, as `agent_id` or among `participating_agent_ids`. */
  readonly involving?: readonly string[] | undefined
}

/** @returns undefined when nothing is restricted */
export async function findCells(
  snapshot: Snapshot,
  { eventTypes, agentIds, kinds, involving }: CellRequest,
): Promise<CellFilter | undefined> {
  if ((eventTypes ?? agentIds ?? kinds ?? involving) === undefined) return undefined
  const types = eventTypes && typeCodes(eventTypes)
  const cells = await selectCells(snapshot, {
    types,
    agents: await numbersOf(snapshot, 'agent', agentIds),
    words: await numbersOf(snapshot, 'kind', kinds),
    involved: await numbersOf(snapshot, 'agent', involving),
  })
  return new CellFilter(cells)
}

interface CellNumbers {
  readonly types: readonly number[] | undefined
  readonly agents: readonly number[] | undefined
  readonly words: readonly number[] | undefined
  readonly involved: readonly number[] | undefined
}

async function selectCells(
  snapshot: Snapshot,
  { types, agents, words, involved }: CellNumbers,
): Promise<number[]> {
  let query = snapshot.selectFrom('cell').select('id')
  if (types !== undefined) query = query.where('type', 'in', idList(types))
  if (agents !== undefined) query = query.where('agent', 'in', idList(agents))
  if (words !== undefined) query = query.where('kind', 'in', idList(words))
  if (involved !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb('agent', 'in', idList(involved)),
        eb(
          'id',
          'in',
          eb.selectFrom('participant').select('cell').where('agent', 'in', idList(involved)),
        ),
      ]),
    )
  }
  return (await query.execute()).map(({ id }) => id)
}

function typeCodes(types: readonly RecordedEventType[]): number[] {
  const spellings = new Set(types.flatMap((type) => spellingsOf(type)))
  return [...spellings].flatMap((type) => eventTypeCode(type) ?? [])
}

/** The numbers that words stand for; a word that no run has stands for none. */
async function numbersOf(
  snapshot: Snapshot,
  table: 'agent' | 'kind',
  words: readonly string[] | undefined,
): Promise<number[] | undefined> {
  if (words === undefined) return undefined
  const rows = await inChunks([...new Set(words)], (chunk) =>
    snapshot.selectFrom(table).select('id').where('name', 'in', chunk).execute(),
  )
  return rows.map(({ id }) => id)
}
