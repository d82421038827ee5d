import type { CanonicalLines } from '../src/event/canonical-lines.js'
import type { ByteSpan, TextPart } from '../src/event/line-scanner.js'
import type { DecodedLine } from '../src/event/line-parts.js'
import { ByteKeys, NOT_FOUND } from './byte-keys.js'
import type { PackedCell } from './packed-events.js'
import type { TextArena } from './text-arena.js'

type Word = string | null

/** Stands for a word that is null. */
const NO_WORD = -1
/** More than there are types. */
const TYPES = 16

/** Numbers the cells of events, from 0 in the order they come up. */
export class CellNumbers {
  readonly list: PackedCell[] = []
  /** By type, agent and kind. */
  readonly #alone = new Map<number, Map<Word, Map<Word, number>>>()
  readonly #together = new Map<string, number>()
  /** By the numbers of the words that stand in the arena: agent and type, then kind. */
  readonly #standing = new Map<number, Map<number, number>>()
  readonly #words: ByteKeys

  /** @param most how many events there may be */
  constructor(arena: TextArena, most: number) {
    this.#words = new ByteKeys(arena, most * 2)
  }

  numberOf({ type, agentId: agent, kind, participants }: Cell): number {
    if (participants.length > 0) {
      const words = { type, agent, kind, participants: [...participants].sort() }
      return entry(this.#together, JSON.stringify(words), () => this.list.push(words) - 1)
    }
    const agents = entry(this.#alone, type, () => new Map<Word, Map<Word, number>>())
    const kinds = entry(agents, agent, () => new Map<Word, number>())
    return entry(kinds, kind, () => this.list.push({ type, agent, kind, participants: [] }) - 1)
  }

  /** Likewise of the line that was found last. */
  numberOfStanding(line: CanonicalLines): number {
    const { type, agentId, kind, participants } = line
    const agentWord = this.#wordOf(agentId)
    const kindWord = this.#wordOf(kind)
    const make = (): number => {
      return this.numberOf({
        type,
        agentId: line.partText(agentId),
        kind: line.partText(kind),
        participants,
      })
    }
    if (participants.length > 0 || agentWord === undefined || kindWord === undefined) return make()
    const agents = (agentWord - NO_WORD) * TYPES + type
    const kinds = entry(this.#standing, agents, () => new Map<number, number>())
    return entry(kinds, kindWord, make)
  }

  /** @returns undefined when the word does not stand in the arena */
  #wordOf(part: TextPart): number | undefined {
    if (part.isNull) return NO_WORD
    return part.unescaped === undefined ? this.#numberOfWord(part) : undefined
  }

  #numberOfWord({ start, end }: ByteSpan): number {
    const known = this.#words.add(start, end)
    return known === NOT_FOUND ? this.#words.size - 1 : known
  }
}

type Cell = Pick<DecodedLine, 'type' | 'agentId' | 'kind' | 'participants'>

/** What a map has under a key, made when it has nothing. */
function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
