const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const SPACE = 0x20

/** Deeper values are left to `JSON.parse`. */
const MAX_DEPTH = 32

/** Said of what is not JSON, or is spelled or nested in a way that is left to `JSON.parse`. */
export const NO_END = -1

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/**
 * Finds the end of a JSON string.
 *
 * @param start where its opening quote stands
 * @returns where its closing quote stands, or {@link NO_END}
 */
export function closingQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) return at
    if (unit < SPACE) return NO_END
    if (unit !== BACKSLASH) continue
    ESCAPE.lastIndex = at
    if (!ESCAPE.test(text)) return NO_END
    at = ESCAPE.lastIndex - 1
  }
  return NO_END
}

/**
 * Finds the end of a JSON value without making anything of it. It is a proof:
 * what it finds an end of, `JSON.parse` takes. White space between the tokens,
 * which turnlog does not write, is left to `JSON.parse`.
 *
 * @returns where the first character behind it stands, or {@link NO_END}
 */
export function endOfValue(text: string, start: number, depth = 0): number {
  const unit = text.charCodeAt(start)
  if (unit === QUOTE) return closingQuote(text, start) + 1 || NO_END
  if (unit === OPEN_BRACE) return endOfObject(text, start, depth + 1)
  if (unit === OPEN_BRACKET) return endOfList(text, start, depth + 1)
  if (text.startsWith('null', start) || text.startsWith('true', start)) return start + 4
  if (text.startsWith('false', start)) return start + 5
  return endOfNumber(text, start)
}

function endOfObject(text: string, start: number, depth: number): number {
  if (depth > MAX_DEPTH) return NO_END
  let at = start + 1
  if (text.charCodeAt(at) === CLOSE_BRACE) return at + 1
  for (;;) {
    if (text.charCodeAt(at) !== QUOTE) return NO_END
    const colon = closingQuote(text, at) + 1
    if (text.charCodeAt(colon) !== COLON || colon === 0) return NO_END
    const end = endOfValue(text, colon + 1, depth)
    if (end === NO_END) return NO_END
    const unit = text.charCodeAt(end)
    at = end + 1
    if (unit === CLOSE_BRACE) return at
    if (unit !== COMMA) return NO_END
  }
}

function endOfList(text: string, start: number, depth: number): number {
  if (depth > MAX_DEPTH) return NO_END
  let at = start + 1
  if (text.charCodeAt(at) === CLOSE_BRACKET) return at + 1
  for (;;) {
    const end = endOfValue(text, at, depth)
    if (end === NO_END) return NO_END
    const unit = text.charCodeAt(end)
    at = end + 1
    if (unit === CLOSE_BRACKET) return at
    if (unit !== COMMA) return NO_END
  }
}

function endOfNumber(text: string, start: number): number {
  let at = text.charCodeAt(start) === MINUS ? start + 1 : start
  const first = at
  at = endOfDigits(text, at)
  // A leading zero stands alone.
  if (at === first || (at > first + 1 && text.charCodeAt(first) === ZERO)) return NO_END
  if (text.charCodeAt(at) === POINT) {
    const fraction = at + 1
    at = endOfDigits(text, fraction)
    if (at === fraction) return NO_END
  }
  if (text[at] === 'e' || text[at] === 'E') {
    const sign = text[at + 1]
    const exponent = sign === '+' || sign === '-' ? at + 2 : at + 1
    at = endOfDigits(text, exponent)
    if (at === exponent) return NO_END
  }
  return at
}

/** Where the run of digits that begins here ends; `start` itself when there is none. */
export function endOfDigits(text: string, start: number): number {
  let at = start
  for (;;) {
    const unit = text.charCodeAt(at)
    if (!(unit >= ZERO && unit <= NINE)) return at
    at++
  }
}
