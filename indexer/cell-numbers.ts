import type { DecodedLine } from '../src/event/line-parts.js'
import type { CellWords } from './packed-events.js'

type Word = string | null

/** Numbers the cells of events, from 0 in the order they come up. */
export class CellNumbers {
  readonly list: CellWords[] = []
  /** By type, agent and kind. */
  readonly #alone = new Map<number, Map<Word, Map<Word, number>>>()
  readonly #together = new Map<string, number>()

  numberOf({ type, agentId: agent, kind, participants }: DecodedLine): number {
    if (participants.length > 0) {
      const words = { type, agent, kind, participants: [...participants].sort() }
      return entry(this.#together, JSON.stringify(words), () => this.list.push(words) - 1)
    }
    const agents = entry(this.#alone, type, () => new Map<Word, Map<Word, number>>())
    const kinds = entry(agents, agent, () => new Map<Word, number>())
    return entry(kinds, kind, () => this.list.push({ type, agent, kind, participants: [] }) - 1)
  }
}

/** What a map has under a key, made when it has nothing. */
function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
