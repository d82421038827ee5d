import type { Shell } from './scripts.js'

/** A word of a command line, as a shell takes it, and how what is typed of it ends. */
export interface TypedWord {
  /** Without quotes and backslashes, and with `~` and environment variables filled in. */
  readonly text: string
  /** The quote that is open at its end. */
  readonly quote: '' | "'" | '"'
  /** Whether its end is a backslash that waits for its character. */
  readonly escapes: boolean
  /** Whether it holds what the shell evaluates: `~`, `$NAME`, `$(…)`, `*` and the like. */
  readonly evaluated: boolean
}

/** What `~` and variables stand for. */
export interface Surroundings {
  readonly home: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

const NOTHING_TYPED: TypedWord = { text: '', quote: '', escapes: false, evaluated: false }

/** What belongs together, by the quote it stands in. */
const TOKENS = {
  '': /\\[^]|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}|[^]/uy,
  "'": /[^]/uy,
  '"': /\\[$`"\\]|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}|[^]/uy,
}

/** What the shell evaluates, by the quote it stands in; between double quotes its history, too. */
const EVALUATED = { '': /^[$`!*?[{()<>&|;]/, "'": /(?!)/, '"': /^[$`!]/ }

/** The same in fish, where a backslash means something between single quotes, too. */
const FISH_TOKENS = { ...TOKENS, "'": /\\['\\]|[^]/uy }

/**
 * Splits a command line into words as the shell would, but evaluates nothing of it: `$(…)` and
 * backquotes stay what they are, and so do variables that are not in the environment.
 *
 * @param line up to the cursor
 * @returns at least one word; the last is the one at the cursor, perhaps empty
 */
export function splitLine(line: string, shell: Shell, around: Surroundings): TypedWord[] {
  const tokens = shell === 'fish' ? FISH_TOKENS : TOKENS
  const words: TypedWord[] = []
  let word: TypedWord | undefined
  let at = 0
  while (at < line.length) {
    const before = word ?? NOTHING_TYPED
    const { text, quote } = before
    const token = tokenAt(line, at, tokens[quote])
    at += token.length
    if (quote === '' && /^\s$/.test(token)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (quote === '' && (token === "'" || token === '"')) {
      word = { ...before, quote: token }
    } else if (token === quote) {
      word = { ...before, quote: '' }
    } else if (token === '\\' && quote !== "'" && at === line.length) {
      word = { ...before, escapes: true }
    } else {
      const isTilde = word === undefined && token === '~'
      const meant = isTilde ? homeBefore(line.slice(at), around) : meaningOf(token, around)
      const evaluated = before.evaluated || isTilde || EVALUATED[quote].test(token)
      word = { ...before, text: text + meant, evaluated }
    }
  }
  return [...words, word ?? NOTHING_TYPED]
}

function tokenAt(line: string, at: number, token: RegExp): string {
  token.lastIndex = at
  return token.exec(line)?.[0] ?? line.slice(at)
}

/** `~` is a home alone, not before the name of somebody. */
function homeBefore(rest: string, { home }: Surroundings): string {
  return /^(?:[/\s]|$)/.test(rest) ? home : '~'
}

function meaningOf(token: string, { environment }: Surroundings): string {
  if (token.length === 1) return token
  if (token.startsWith('\\')) return token.slice(1)
  return token.startsWith('$') ? (environment[token.replaceAll(/[${}]/g, '')] ?? token) : token
}

/**
 * What is to be typed behind a word so that bash takes all of it as the word's text and `rest`:
 * quoted as the word is. Nothing is evaluated then, whatever `rest` is.
 *
 * @returns undefined where the word cannot go on like this: between single quotes with a `'`, or
 *   when it is evaluated itself
 */
export function continueWord(word: TypedWord, rest: string): string | undefined {
  const { quote, escapes, evaluated } = word
  if (evaluated) return undefined
  if (escapes) {
    const [first = ''] = rest
    if (first === '' || (quote === '"' && !/[$`"\\]/.test(first))) return undefined
    const next = continueWord({ ...word, escapes: false }, rest.slice(first.length))
    return next === undefined ? undefined : `${first}${next}`
  }
  switch (quote) {
    case '':
      return rest.replaceAll(/[^\p{L}\p{N}\p{M}_./,:=@%+-]/gu, '\\$&')
    case "'":
      return rest.includes("'") ? undefined : rest
    case '"':
      // Between double quotes, the shell's history is looked up, and a backslash stays.
      return rest.includes('!') ? undefined : rest.replaceAll(/[$`"\\]/g, '\\$&')
  }
}
