/** A place in a text, both from 1, columns in characters. */
export interface QueryPlace {
  readonly line: number
  readonly column: number
}

/** More places than this are not tried. */
const MAX_TRIES = 200

/**
 * Where a query stops making sense. SQLite names the word it stumbled over, and
 * stumbles over it whatever follows: so of all places where the word stands it
 * is the first one up to which the query has this very problem.
 *
 * @param message SQLite's, such as `near "FORM": syntax error`
 * @param problemOf what SQLite says of another query; undefined when it is a good one
 */
export function placeOfProblem(
  query: string,
  message: string,
  problemOf: (query: string) => string | undefined,
): QueryPlace | undefined {
  if (message === 'incomplete input') return placeAt(query, query.trimEnd().length)
  const [, word] = /^(?:near|unrecognized token:) "([^]*)"(?:: .*)?$/.exec(message) ?? []
  if (word === undefined || word === '') return undefined
  let at = query.indexOf(word)
  for (let tries = 0; at !== -1 && tries < MAX_TRIES; tries++) {
    if (problemOf(query.slice(0, at + word.length)) === message) return placeAt(query, at)
    at = query.indexOf(word, at + 1)
  }
  return undefined
}

/** Where a word stands, if it does so once only. */
export function placeOfWord(query: string, word: string): QueryPlace | undefined {
  const places = [...query.matchAll(/[\p{L}\p{N}_$]+/gu)].filter(
    ([found]) => found.toLowerCase() === word.toLowerCase(),
  )
  const [place, ...others] = places
  return place === undefined || others.length > 0 ? undefined : placeAt(query, place.index)
}

/** Where a text goes on after so many UTF-16 units. */
export function placeAt(query: string, index: number): QueryPlace {
  const lines = query.slice(0, index).split('\n')
  return { line: lines.length, column: Array.from(lines.at(-1) ?? '').length + 1 }
}
