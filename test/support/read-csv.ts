/**
 * Reads a table as a reader does that takes any of CR LF, LF and CR for the end of a row.
 *
 * @returns its rows; a field without quotes and without a text is null
 */
export function readCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [[]]
  let at = 0
  while (at < text.length) {
    FIELD.lastIndex = at
    const [all = '', quoted, bare = ''] = FIELD.exec(text) ?? []
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? (bare === '' ? null : bare))
    at += all.length
    END.lastIndex = at
    const [end] = END.exec(text) ?? []
    if (end === undefined) throw new Error(`there is more behind a field, at ${at}`)
    at += end.length
    if (end !== ',' && at < text.length) rows.push([])
  }
  return rows
}

const FIELD = /"((?:[^"]|"")*)"|([^",\r\n]*)/y
const END = /,|\r\n|\n|\r|$/y
