const QUOTE = 0x22
const PLUS = 0x2b
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const SLASH = 0x2f
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const UPPER_E = 0x45
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const LOWER_B = 0x62
const LOWER_E = 0x65
const LOWER_F = 0x66
const LOWER_N = 0x6e
const LOWER_R = 0x72
const LOWER_T = 0x74
const LOWER_U = 0x75
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const SPACE = 0x20
/** Clears the bit by which a small letter differs from its capital. */
const CAPITAL = 0xdf
const UPPER_A = 0x41
const UPPER_F = 0x46

/** Deeper values are left to `JSON.parse`. */
const MAX_DEPTH = 32

/** Said of what is not JSON, or is spelled or nested in a way that is left to `JSON.parse`. */
export const NO_END = -1

const NULL = literal('null')
const TRUE = literal('true')
const FALSE = literal('false')

/** ASCII as the bytes it is looked for as. */
export function literal(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

/** Whether some bytes stand at a place. */
export function standsAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) {
    if (bytes[at + index] !== wanted[index]) return false
  }
  return true
}

/**
 * Finds the end of a JSON string. Like all functions here it reads UTF-8 in
 * which a control character, such as the newline of a line, ends what is looked
 * at: none of them looks beyond it.
 *
 * @param start where its opening quote stands
 * @returns where its closing quote stands, or {@link NO_END}
 */
export function closingQuote(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; ; at++) {
    const byte = bytes[at] ?? 0
    if (byte === QUOTE) return at
    if (byte < SPACE) return NO_END
    if (byte !== BACKSLASH) continue
    const escaped = escapeLength(bytes, at + 1)
    if (escaped === 0) return NO_END
    at += escaped
  }
}

/** How many bytes an escape has behind its backslash; 0 when it is none. */
function escapeLength(bytes: Uint8Array, at: number): number {
  switch (bytes[at] ?? 0) {
    case QUOTE:
    case BACKSLASH:
    case SLASH:
    case LOWER_B:
    case LOWER_F:
    case LOWER_N:
    case LOWER_R:
    case LOWER_T:
      return 1
    case LOWER_U:
      for (let digit = 1; digit <= 4; digit++) if (!isHexDigit(bytes[at + digit] ?? 0)) return 0
      return 5
    default:
      return 0
  }
}

function isHexDigit(byte: number): boolean {
  const letter = byte & CAPITAL
  return isDigit(byte) || (letter >= UPPER_A && letter <= UPPER_F)
}

/**
 * Finds the end of a JSON value without making anything of it. It is a proof:
 * what it finds an end of, `JSON.parse` takes. White space between the tokens,
 * which turnlog does not write, is left to `JSON.parse`.
 *
 * @returns where the first byte behind it stands, or {@link NO_END}
 */
export function endOfValue(bytes: Uint8Array, start: number, depth = 0): number {
  switch (bytes[start] ?? 0) {
    case QUOTE:
      return closingQuote(bytes, start) + 1 || NO_END
    case OPEN_BRACE:
      return endOfObject(bytes, start, depth + 1)
    case OPEN_BRACKET:
      return endOfList(bytes, start, depth + 1)
    case LOWER_N:
      return standsAt(bytes, start, NULL) ? start + NULL.length : NO_END
    case LOWER_T:
      return standsAt(bytes, start, TRUE) ? start + TRUE.length : NO_END
    case LOWER_F:
      return standsAt(bytes, start, FALSE) ? start + FALSE.length : NO_END
    default:
      return endOfNumber(bytes, start)
  }
}

function endOfObject(bytes: Uint8Array, start: number, depth: number): number {
  if (depth > MAX_DEPTH) return NO_END
  let at = start + 1
  if (bytes[at] === CLOSE_BRACE) return at + 1
  for (;;) {
    if (bytes[at] !== QUOTE) return NO_END
    const colon = closingQuote(bytes, at) + 1
    if (colon === 0 || bytes[colon] !== COLON) return NO_END
    const end = endOfValue(bytes, colon + 1, depth)
    if (end === NO_END) return NO_END
    const byte = bytes[end]
    at = end + 1
    if (byte === CLOSE_BRACE) return at
    if (byte !== COMMA) return NO_END
  }
}

function endOfList(bytes: Uint8Array, start: number, depth: number): number {
  if (depth > MAX_DEPTH) return NO_END
  let at = start + 1
  if (bytes[at] === CLOSE_BRACKET) return at + 1
  for (;;) {
    const end = endOfValue(bytes, at, depth)
    if (end === NO_END) return NO_END
    const byte = bytes[end]
    at = end + 1
    if (byte === CLOSE_BRACKET) return at
    if (byte !== COMMA) return NO_END
  }
}

function endOfNumber(bytes: Uint8Array, start: number): number {
  const first = bytes[start] === MINUS ? start + 1 : start
  let at = endOfDigits(bytes, first)
  // A leading zero stands alone.
  if (at === first || (at > first + 1 && bytes[first] === ZERO)) return NO_END
  if (bytes[at] === POINT) {
    const fraction = at + 1
    at = endOfDigits(bytes, fraction)
    if (at === fraction) return NO_END
  }
  if (bytes[at] === LOWER_E || bytes[at] === UPPER_E) {
    const sign = bytes[at + 1]
    const exponent = sign === PLUS || sign === MINUS ? at + 2 : at + 1
    at = endOfDigits(bytes, exponent)
    if (at === exponent) return NO_END
  }
  return at
}

/** Where the run of digits that begins here ends; `start` itself when there is none. */
export function endOfDigits(bytes: Uint8Array, start: number): number {
  let at = start
  while (isDigit(bytes[at] ?? 0)) at++
  return at
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}
