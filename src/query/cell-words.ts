import { namesIn, NO_NAMES } from '../event/line-parts.js'
import type { CellWords, EventCell } from '../sidecar/event-cell.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { idList } from './id-list.js'

/** More are not remembered: participants can make one of nearly every event. */
const MOST_REMEMBERED = 20_000

/**
 * What cells stand for. A cell stays what it is for as long as its sidecar is
 * there, so each is read once from a file.
 *
 * @throws RangeError when a damaged sidecar names a cell that is not there
 */
export async function readCellWords(
  snapshot: Snapshot,
  cells: Iterable<EventCell>,
): Promise<(cell: EventCell) => CellWords> {
  const known = snapshot.knownCells
  const unknown = [...new Set(cells)].filter((cell) => !known.has(cell))
  const read = new Map<EventCell, CellWords>()
  if (unknown.length > 0) {
    for (const { id, ...words } of await selectCells(snapshot, unknown)) read.set(id, words)
  }
  const wordsOf = (cell: EventCell): CellWords => {
    const words = read.get(cell) ?? known.get(cell)
    if (words === undefined) throw new RangeError(`no cell has the number ${cell}`)
    return words
  }
  for (const [cell, words] of read) {
    if (known.size < MOST_REMEMBERED) known.set(cell, words)
  }
  return wordsOf
}

function selectCells(snapshot: Snapshot, cells: readonly EventCell[]) {
  return snapshot
    .selectFrom('cell')
    .leftJoin('agent', 'agent.id', 'cell.agent')
    .leftJoin('kind', 'kind.id', 'cell.kind')
    .select(['cell.id', 'cell.type', 'agent.name as agentId', 'kind.name as kind'])
    .where('cell.id', 'in', idList(cells))
    .execute()
}

/**
 * The agents that take part in events of cells, beside the one whose event it is.
 *
 * @throws RangeError when a damaged sidecar names them in no JSON
 */
export async function readParticipants(
  snapshot: Snapshot,
  cells: Iterable<EventCell>,
): Promise<(cell: EventCell) => readonly string[]> {
  const rows = await snapshot
    .selectFrom('cell')
    .select(['id', 'participants'])
    .where('id', 'in', idList(new Set(cells)))
    .where('participants', 'is not', null)
    .execute()
  const named = new Map(rows.map(({ id, participants }) => [id, parseNames(participants ?? '[]')]))
  return (cell) => named.get(cell) ?? NO_NAMES
}

function parseNames(json: string): readonly string[] {
  try {
    return namesIn(JSON.parse(json))
  } catch {
    throw new RangeError(`participants are named in no JSON: ${json.slice(0, 100)}`)
  }
}
