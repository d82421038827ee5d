import { topLevelSpans } from './json-spans.js'

/**
 * An object with some of its keys alone, in the order in which it has them. The
 * values stay as they are spelled.
 *
 * @param json a text that `JSON.parse` turns into an object
 */
export function pickFields(json: string, keys: ReadonlySet<string>): string {
  let picked = ''
  for (const [key, { start, end }] of topLevelSpans(json)) {
    if (!keys.has(key)) continue
    if (picked !== '') picked += ','
    picked += `${JSON.stringify(key)}:${json.slice(start, end)}`
  }
  return `{${picked}}`
}
