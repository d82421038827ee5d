import { element } from './elements.js'

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g
/** Of a longer text, the rest is left out: nobody reads it here. */
const MAX_TOKENS = 5_000

/**
 * A JSON text with indentation, its numbers spelled as they were recorded.
 *
 * @param json a text that `JSON.parse` takes
 */
export function showJson(json: string): HTMLElement {
  const tokens = json.match(TOKEN) ?? []
  const shown = element('pre', { class: 'json', tabindex: '0' })
  let depth = 0
  const newLine = (): string => `\n${'  '.repeat(depth)}`
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1] ?? ''
    if (index === MAX_TOKENS) {
      shown.append('\n…')
      break
    }
    if (token === '{' || token === '[') {
      depth++
      shown.append(isEnd(next) ? token : `${token}${newLine()}`)
    } else if (isEnd(token)) {
      depth--
      const previous = tokens[index - 1] ?? ''
      shown.append(previous === '{' || previous === '[' ? token : `${newLine()}${token}`)
    } else if (token === ',') {
      shown.append(`,${newLine()}`)
    } else if (token === ':') {
      shown.append(': ')
    } else {
      shown.append(showScalar(token, next === ':'))
    }
  }
  return shown
}

function isEnd(token: string): boolean {
  return token === '}' || token === ']'
}

function showScalar(token: string, isKey: boolean): HTMLElement {
  if (!token.startsWith('"')) return element('span', { class: 'json-number' }, token)
  // The page spells some characters as escapes of its own.
  const text = JSON.stringify(JSON.parse(token))
  return element('span', { class: isKey ? 'json-key' : 'json-text' }, text)
}
