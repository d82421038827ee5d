/** Where a value lies in a text: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const SPACE = 0x20

/**
 * Finds the text of every value of an object, keyed as `JSON.parse` would key
 * it; of a key given twice, the last. This keeps the spelling of numbers, which
 * a parsed value has lost.
 *
 * @param json a text that `JSON.parse` turns into an object
 */
export function topLevelSpans(json: string): ReadonlyMap<string, Span> {
  const spans = new Map<string, Span>()
  let at = json.indexOf('{') + 1
  for (;;) {
    at = skipSpace(json, at)
    const code = json.charCodeAt(at)
    if (code === CLOSE_BRACE) return spans
    if (code === COMMA) {
      at++
      continue
    }
    const keyEnd = endOfString(json, at)
    const key = keyText(json.slice(at + 1, keyEnd - 1))
    at = skipSpace(json, keyEnd)
    if (json.charCodeAt(at) !== COLON) throw new SyntaxError(`no colon at ${at} of a JSON object`)
    const start = skipSpace(json, at + 1)
    const end = endOfValue(json, start)
    spans.set(key, { start, end })
    at = end
  }
}

/**
 * The text of every item of an array.
 *
 * @param json a text that `JSON.parse` turns into an array
 */
export function itemTexts(json: string): string[] {
  return itemSpans(json).map(({ start, end }) => json.slice(start, end))
}

function itemSpans(json: string): readonly Span[] {
  const spans: Span[] = []
  let at = json.indexOf('[') + 1
  for (;;) {
    at = skipSpace(json, at)
    const code = json.charCodeAt(at)
    if (code === CLOSE_BRACKET) return spans
    if (code === COMMA) {
      at++
      continue
    }
    const end = endOfValue(json, at)
    spans.push({ start: at, end })
    at = end
  }
}

/**
 * The text of a value within others.
 *
 * @param json a text that `JSON.parse` takes
 * @param path keys and indexes, from the outside inwards
 * @returns undefined where there is nothing
 */
export function textAt(json: string, path: readonly string[]): string | undefined {
  let text = json.trim()
  for (const key of path) {
    const code = text.charCodeAt(0)
    let span: Span | undefined
    if (code === OPEN_BRACE) span = topLevelSpans(text).get(key)
    else if (code === OPEN_BRACKET) span = itemSpans(text)[Number(key)]
    if (span === undefined) return undefined
    text = text.slice(span.start, span.end)
  }
  return text
}

/** @param spelling what stands between the quotes; hardly any key holds an escape */
function keyText(spelling: string): string {
  return spelling.includes('\\') ? String(JSON.parse(`"${spelling}"`)) : spelling
}

function skipSpace(json: string, from: number): number {
  let at = from
  while (json.charCodeAt(at) <= SPACE) at++
  return at
}

function endOfString(json: string, start: number): number {
  let quote = json.indexOf('"', start + 1)
  while (isEscaped(json, quote)) quote = json.indexOf('"', quote + 1)
  if (quote === -1) throw new SyntaxError(`unterminated string at ${start} of a JSON object`)
  return quote + 1
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0
  while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}

function endOfValue(json: string, start: number): number {
  let depth = 0
  let at = start
  while (at < json.length) {
    const code = json.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(json, at)
      continue
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at
      depth--
    } else if (depth === 0 && (code === COMMA || code <= SPACE)) return at
    at++
  }
  throw new SyntaxError(`unterminated value at ${start} of a JSON object`)
}
