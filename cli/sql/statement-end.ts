/** What a semicolon means nothing in, to its end: strings, names and comments. */
const CLOSED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*\n|\/\*[^]*?\*\//g

/** The same where their end is still to come. */
const OPEN = /['"`[]|--|\/\*/

/**
 * Whether somebody who types a query has come to its end: a semicolon with nothing
 * but comments behind it.
 */
export function endsStatement(text: string): boolean {
  const bare = `${text}\n`.replaceAll(CLOSED, (match) => (/^(?:--|\/\*)/.test(match) ? ' ' : 'x'))
  return !OPEN.test(bare) && bare.trimEnd().endsWith(';')
}
