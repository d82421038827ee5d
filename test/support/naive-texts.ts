import type { DetailsTest } from '#src/query/details-test.js'
import type { SearchQuery, SearchTerm } from '#src/query/search-query.js'

/** Whether a line has the words of a search, each in its description or in its details. */
export function saysNaively(line: string, { wanted, unwanted }: SearchQuery): boolean {
  const texts = textsOf(line).map(wordsIn)
  const says = (term: SearchTerm): boolean => texts.some((words) => follow(words, term))
  return wanted.every(says) && !unwanted.some(says)
}

/** What is searched: the description, and the text of the details with nothing in it escaped. */
function textsOf(line: string): string[] {
  const { description, details } = JSON.parse(line) as Readonly<Record<string, unknown>>
  const texts = typeof description === 'string' ? [description] : []
  if (details === null || details === undefined) return texts
  const spelled = line.slice(line.indexOf('"details":') + '"details":'.length, -1)
  const unescaped = spelled.replaceAll(
    /"(?:[^"\\]|\\.)*"/g,
    (text) => ` ${JSON.parse(text) as string} `,
  )
  return [...texts, unescaped]
}

function wordsIn(text: string): string[] {
  const plain = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
  return plain.match(/[\p{L}\p{N}]+/gu) ?? []
}

function follow(words: readonly string[], { text, isPrefix }: SearchTerm): boolean {
  const phrase = wordsIn(text)
  const last = phrase.length - 1
  return words.some((_, start) =>
    phrase.every((word, at) =>
      isPrefix && at === last
        ? words[start + at]?.startsWith(word) === true
        : words[start + at] === word,
    ),
  )
}

/** Whether a line has values in its details; of numbers, those that JavaScript does not round. */
export function hasNaively(line: string, tests: readonly DetailsTest[]): boolean {
  const { details } = JSON.parse(line) as Readonly<Record<string, unknown>>
  return tests.every(({ path, value }) => {
    const found = path.reduce<unknown>(
      (inner, key) =>
        typeof inner === 'object' && inner !== null && Object.keys(inner).includes(key)
          ? (inner as Readonly<Record<string, unknown>>)[key]
          : undefined,
      details,
    )
    if (typeof found === 'string') return found === value
    if (typeof found === 'object' && found !== null) return false
    return found !== undefined && found === parseScalar(value)
  })
}

function parseScalar(text: string): unknown {
  try {
    const value: unknown = /^\s|\s$/.test(text) ? undefined : JSON.parse(text)
    return typeof value === 'string' ? undefined : value
  } catch {
    return undefined
  }
}
