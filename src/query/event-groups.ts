import { eventTypeOfCode } from '../event/event-type.js'
import type { CellFilter, CellWords, EventCell } from '../sidecar/event-cell.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { readCellWords } from './cell-words.js'

/** What events can be told apart by. */
export type EventSplit = 'type' | 'agent'

/** Which cells are meant, and what tells them apart; what is undefined does not restrict or divide. */
export interface GroupRequest {
  readonly wanted: CellFilter | undefined
  readonly split: EventSplit | undefined
}

/** Said of a cell that is in no group. */
export const NO_GROUP = -1

/** Cells in groups, each with a name and a number from 0. */
export class EventGroups {
  /** In the order of their numbers. */
  readonly names: readonly string[]
  /** By cell: its group. */
  readonly #groups: Int32Array

  private constructor(cells: readonly EventCell[], names: readonly string[]) {
    this.names = [...new Set(names)].sort()
    const numbers = new Map(this.names.map((name, number) => [name, number]))
    this.#groups = new Int32Array(cells.reduce((most, cell) => Math.max(most, cell + 1), 0))
    this.#groups.fill(NO_GROUP)
    for (const [index, cell] of cells.entries()) {
      this.#groups[cell] = numbers.get(names[index] ?? '') ?? NO_GROUP
    }
  }

  /** Puts those of some cells that are meant in a group for each type or agent, or all in one. */
  static async of(
    snapshot: Snapshot,
    cells: Iterable<EventCell>,
    { wanted, split }: GroupRequest,
  ): Promise<EventGroups> {
    const meant = [...cells].filter((cell) => wanted?.has(cell) !== false)
    if (split === undefined) return new EventGroups(meant, Array<string>(meant.length).fill(''))
    const wordsOf = await readCellWords(snapshot, meant)
    return new EventGroups(
      meant,
      meant.map((cell) => nameOf(wordsOf(cell), split)),
    )
  }

  /** The group of a cell, or {@link NO_GROUP}. */
  of(cell: EventCell): number {
    return this.#groups[cell] ?? NO_GROUP
  }
}

/** What is of no agent goes without a name. */
function nameOf({ type, agentId }: CellWords, split: EventSplit): string {
  return split === 'type' ? eventTypeOfCode(type) : (agentId ?? '')
}
