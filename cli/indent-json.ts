import type { Colours } from './colour.js'

/** A string, a number or a word; or one of the signs between them. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+|[{}[\],:]/g
/** Control characters that JSON need not escape. */
const UNESCAPED = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

/** What is nested deeper than this is not indented any further. */
const MAX_LEVELS = 40

/**
 * A JSON text over several lines, for people. Numbers and strings keep their spelling; control
 * characters are shown as escapes, so that none steers a terminal.
 */
export function indentJson(json: string, colours: Colours): string {
  let depth = 0
  let text = ''
  let before = ''
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '}' || token === ']') {
      depth--
      if (before !== '{' && before !== '[') text += lineBreak(depth)
      text += token
    } else {
      if (before === '{' || before === '[' || before === ',') text += lineBreak(depth)
      if (token === ':') text += ': '
      else if (/^[{[,]$/.test(token)) text += token
      else text += spell(token, colours)
      if (token === '{' || token === '[') depth++
    }
    before = token
  }
  return text
}

function lineBreak(depth: number): string {
  return `\n${'  '.repeat(Math.min(depth, MAX_LEVELS))}`
}

function spell(token: string, colours: Colours): string {
  if (!token.startsWith('"')) return colours.cyan(token)
  const shown = token.replaceAll(
    UNESCAPED,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return colours.green(shown)
}
