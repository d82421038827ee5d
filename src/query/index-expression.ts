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
  /** How many words are in it: of each, the index may go through all rows. */
  readonly words: number
  readonly parts: ExpressionParts
}

/**
 * A search taken apart. Each part wants one word, or one of several: what FTS5 finds of it
 * between two rows costs no more than there are rows.
 */
export interface ExpressionParts {
  /** A row that is found has every one of these. */
  readonly wanted: readonly string[]
  /** It has none of these. */
  readonly unwanted: readonly string[]
  /** Whether there is no more to it: words are to follow each other otherwise. */
  readonly isExact: boolean
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
  const spelled = new Map<SearchTerm, IndexedTerm>()
  let room = MOST_WORDS
  for (const term of terms) {
    const indexed = await findTerm(snapshot, term, { most: room, rest })
    if (indexed.last.length > room) return undefined
    if (term.isPrefix) room -= indexed.last.length
    spelled.set(term, indexed)
  }
  const indexedOf = (term: SearchTerm): IndexedTerm => spelled.get(term) ?? NO_WORDS
  const all = terms.map(indexedOf)
  const wanted = query.wanted.map(indexedOf)
  const unwanted = query.unwanted.map(indexedOf)
  return {
    expression: searchExpression(query, (term) => `(${phrasesOf(indexedOf(term)).join(' OR ')})`),
    phrases: sum(all, ({ last }) => last.length),
    words: sum(all, ({ before, last }) => last.length * (before.length + 1)),
    parts: {
      wanted: wanted.flatMap(({ before, last }) => [...before.map(spellPhrase), anyOf(last)]),
      unwanted: unwanted.filter(isSingleWord).map(({ last }) => anyOf(last)),
      isExact: all.every(isSingleWord),
    },
  }
}

/** Words that follow each other; the last may be any of several. */
interface IndexedTerm {
  readonly before: readonly string[]
  readonly last: readonly string[]
}

const NO_WORDS: IndexedTerm = { before: [], last: [] }

function isSingleWord({ before }: IndexedTerm): boolean {
  return before.length === 0
}

function phrasesOf({ before, last }: IndexedTerm): string[] {
  return last.map((word) => spellPhrase([...before, word].join(' ')))
}

function anyOf(words: readonly string[]): string {
  return words.map(spellPhrase).join(' OR ')
}

function sum<T>(items: readonly T[], numberOf: (item: T) => number): number {
  return items.reduce((total, item) => total + numberOf(item), 0)
}

interface WordOptions {
  readonly most: number
  /** Is called again and again. */
  readonly rest: Rest
}

/** The words of a term; more than `most` last ones where there are. */
async function findTerm(
  snapshot: Snapshot,
  { text, isPrefix }: SearchTerm,
  options: WordOptions,
): Promise<IndexedTerm> {
  const before = wordsOf(text)
  const beginning = before.pop() ?? ''
  const found = isPrefix ? await findWords(snapshot, beginning, options) : []
  // A beginning with which no word begins is no word either, and found nowhere.
  return { before, last: found.length === 0 ? [beginning] : found }
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
