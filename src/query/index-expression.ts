import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { wordsOf } from '../sidecar/text-matcher.js'
import type { Rest } from './look-through.js'
import { searchExpression, type SearchQuery, type SearchTerm, spellPhrase } from './search-query.js'
import { withSearchTables } from './search-tables.js'

/** More words than these are not looked for one by one. */
const MOST_WORDS = 200
/** So many are looked up without a rest: a look-up takes up to half a millisecond. */
const WORDS_AT_ONCE = 20

/** A search as it is put to the full-text index. */
export interface IndexExpression {
  /** In the syntax of FTS5. */
  readonly expression: string
  /** How many phrases are in it: each is looked up whenever the index is asked. */
  readonly phrases: number
}

/**
 * Puts a search to the full-text index. What begins in some way is looked for
 * as each of the words that do: FTS5 would first read all of their places,
 * however many there are, each time it is asked.
 *
 * @returns undefined when too many words begin so
 * @throws what `rest` throws
 */
export async function indexExpression(
  snapshot: Snapshot,
  query: SearchQuery,
  rest: Rest,
): Promise<IndexExpression | undefined> {
  const terms = [...query.wanted, ...query.unwanted]
  const spelled = new Map<SearchTerm, readonly string[]>()
  let room = MOST_WORDS
  for (const term of terms) {
    const phrases = await spellPhrases(snapshot, term, { most: room, rest })
    if (phrases.length > room) return undefined
    if (term.isPrefix) room -= phrases.length
    spelled.set(term, phrases)
  }
  const phrasesOf = (term: SearchTerm): readonly string[] => spelled.get(term) ?? []
  return {
    expression: searchExpression(query, (term) => `(${phrasesOf(term).join(' OR ')})`),
    phrases: terms.reduce((sum, term) => sum + phrasesOf(term).length, 0),
  }
}

interface WordOptions {
  readonly most: number
  /** Is called again and again. */
  readonly rest: Rest
}

/** The phrases of which an event must have one; more than `most` where there are. */
async function spellPhrases(
  snapshot: Snapshot,
  { text, isPrefix }: SearchTerm,
  options: WordOptions,
): Promise<readonly string[]> {
  const words = isPrefix ? wordsOf(text) : []
  const beginning = words.pop()
  const found = beginning === undefined ? [] : await findWords(snapshot, beginning, options)
  // A beginning with which no word begins is no word either, and found nowhere.
  if (found.length === 0) return [spellPhrase(text)]
  return found.map((word) => spellPhrase([...words, word].join(' ')))
}

/** The words that begin in some way, in their order; one more than `most` where there are more. */
async function findWords(
  snapshot: Snapshot,
  beginning: string,
  { most, rest }: WordOptions,
): Promise<string[]> {
  const words: string[] = []
  let from = beginning
  while (words.length <= most) {
    // One by one: from one word to the next is a step, wherever and however often the first one is.
    const next = await withSearchTables(snapshot)
      .selectFrom('event_word')
      .select('term')
      .where('term', '>=', from)
      .limit(1)
      .executeTakeFirst()
    if (next?.term.startsWith(beginning) !== true) return words
    words.push(next.term)
    if (words.length % WORDS_AT_ONCE === 0) await rest()
    from = `${next.term}\u0001`
  }
  return words
}
