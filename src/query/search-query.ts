/** The longest search, in characters. */
export const MAX_SEARCH_LENGTH = 1_000
/** How many different terms a search can have: FTS5 looks for all of them without a rest. */
const MAX_TERMS = 16

/** A word, or several that follow each other. */
export interface SearchTerm {
  /** Its words are what letters and digits make in it. */
  readonly text: string
  /** Whether its last word may go on. */
  readonly isPrefix: boolean
}

/** What an event must say in its description or its details. */
export interface SearchQuery {
  /** Every one of these, and there is one. */
  readonly wanted: readonly SearchTerm[]
  /** None of these. */
  readonly unwanted: readonly SearchTerm[]
}

/** Why a text is no search. */
export interface SearchProblem {
  readonly problem: string
}

/** Dashes, and a phrase in quotes or whatever goes on up to a space. */
const TERM = /(-*)(?:"([^"]*)"(\*?)|([^\s"]+))/g

/** What words are made of. */
const WORD = /[\p{L}\p{N}\p{Co}]/u

/**
 * Reads what people type: words, which all must occur, "words that follow each
 * other", beginnings* of words, and -words that must not occur. Any other sign
 * stands between words and means nothing.
 */
export function decodeSearchQuery(text: string): SearchQuery | SearchProblem {
  if (text.length > MAX_SEARCH_LENGTH) {
    return { problem: `must not be longer than ${MAX_SEARCH_LENGTH} characters` }
  }
  if (text.includes('\0')) return { problem: 'must not hold a NUL character' }
  if (text.split('"').length % 2 === 0) return { problem: 'must not begin a " that does not end' }
  const said = [...text.matchAll(TERM)].map(readTerm).filter((term) => WORD.test(term.text))
  const terms = withoutEqual(said)
  if (terms.length === 0) return { problem: 'must have a letter or a digit to look for' }
  if (terms.length > MAX_TERMS) return { problem: `must not have more than ${MAX_TERMS} words` }
  const wanted = terms.filter(({ isUnwanted }) => !isUnwanted)
  if (wanted.length === 0) return { problem: 'must have a word that is to occur, without a -' }
  return { wanted, unwanted: terms.filter(({ isUnwanted }) => isUnwanted) }
}

interface ReadTerm extends SearchTerm {
  readonly isUnwanted: boolean
}

/** A term that is there twice says nothing new. */
function withoutEqual(terms: readonly ReadTerm[]): ReadTerm[] {
  return [...new Map(terms.map((term) => [JSON.stringify(term), term])).values()]
}

function readTerm(match: RegExpExecArray): ReadTerm {
  const [, dashes, phrase, star, bare = ''] = match
  return {
    text: phrase ?? bare,
    isPrefix: phrase === undefined ? bare.endsWith('*') : star === '*',
    isUnwanted: dashes !== '',
  }
}

/**
 * A search in the syntax of FTS5. Every term goes into it as a string, so that
 * nothing in a term is taken for syntax.
 */
export function searchExpression(
  { wanted, unwanted }: SearchQuery,
  spell: (term: SearchTerm) => string = spellTerm,
): string {
  const all = wanted.map(spell).join(' AND ')
  return unwanted.length === 0 ? all : `(${all}) NOT (${unwanted.map(spell).join(' OR ')})`
}

function spellTerm({ text, isPrefix }: SearchTerm): string {
  return isPrefix ? `${spellPhrase(text)} *` : spellPhrase(text)
}

/** Words that follow each other, in the syntax of FTS5. */
export function spellPhrase(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
