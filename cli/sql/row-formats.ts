import { stringify } from 'csv-stringify/sync'
import type { SqlValue } from '../../src/sidecar/prepare-query.js'
import { CSV_QUOTED } from '../csv-quoted.js'
import { cutPrintable } from '../cut-printable.js'
import { formatTable } from '../table.js'
import { jsonOf, jsonText, textOf } from './sql-value-text.js'

type Row = readonly SqlValue[]

/** How rows are written; each function gives the text to be written next. */
export interface RowFormat {
  readonly begin: () => string
  readonly rows: (rows: readonly Row[]) => string
  readonly end: (isCutOff: boolean) => string
}

/** The formats by name. A row of `json` and `ndjson` is an object. */
export const ROW_FORMATS = {
  table: tableFormat,
  csv: csvFormat,
  json: jsonFormat,
  ndjson: ndjsonFormat,
} as const satisfies Record<string, (columns: readonly string[], forTerminal: boolean) => RowFormat>

/** One of {@link ROW_FORMATS}. */
export type RowFormatName = keyof typeof ROW_FORMATS

/** In places of a terminal; what is longer is cut: the other formats have all of it. */
const MAX_CELL_WIDTH = 60

/** So many rows make a table, then another one begins: nobody waits for millions. */
const TABLE_ROWS = 1_000

/** Aligned columns; the titles come again with every further table. */
function tableFormat(columns: readonly string[]): RowFormat {
  const held: Row[] = []
  let isFirst = true
  const show = (rows: readonly Row[]): string => {
    const titles = columns.map(
      (title, index) =>
        ({
          title,
          align: rows.length > 0 && rows.every((row) => isNumber(row[index])) ? 'right' : 'left',
          maxWidth: MAX_CELL_WIDTH,
        }) as const,
    )
    const texts = rows.map((row) => row.map((value) => (value === null ? 'NULL' : textOf(value))))
    const gap = isFirst ? '' : '\n'
    isFirst = false
    return gap + formatTable(titles, texts)
  }
  return {
    begin: () => '',
    rows: (rows) => {
      for (const row of rows) held.push(row.map(cutForTable))
      let text = ''
      while (held.length >= TABLE_ROWS) text += show(held.splice(0, TABLE_ROWS))
      return text
    },
    end: () => (held.length > 0 || isFirst ? show(held) : ''),
  }
}

/** What a table shows of a value: a copy, since a part would hold on to the whole. */
function cutForTable(value: SqlValue): SqlValue {
  if (typeof value === 'string') return copyOf(cutPrintable(value, MAX_CELL_WIDTH))
  // Each byte takes two places.
  return value instanceof Uint8Array ? Buffer.from(value.subarray(0, MAX_CELL_WIDTH)) : value
}

function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}

function isNumber(value: SqlValue | undefined): boolean {
  return value === null || typeof value === 'number' || typeof value === 'bigint'
}

/** RFC 4180 with line feeds; null is nothing at all, an empty text is `""`. */
function csvFormat(columns: readonly string[], forTerminal: boolean): RowFormat {
  const lines = (rows: readonly (readonly (string | null)[])[]): string => {
    const text = stringify([...rows], { quoted_match: CSV_QUOTED, record_delimiter: 'unix' })
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    return forTerminal ? text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ') : text
  }
  return {
    begin: () => lines([columns]),
    rows: (rows) =>
      lines(rows.map((row) => row.map((value) => (value === null ? null : textOf(value))))),
    end: () => '',
  }
}

/** One object: the columns, the rows a line each, their number, and whether there are more. */
function jsonFormat(columns: readonly string[]): RowFormat {
  const keys = keysOf(columns)
  let count = 0
  return {
    begin: () => `{"columns":[${keys.join(',')}],"rows":[`,
    rows: (rows) =>
      rows.map((row) => `${count++ === 0 ? '\n' : ',\n'}${jsonObject(keys, row)}`).join(''),
    end: (isCutOff) =>
      `${count === 0 ? '' : '\n'}],"row_count":${count},"truncated":${String(isCutOff)}}\n`,
  }
}

function ndjsonFormat(columns: readonly string[]): RowFormat {
  const keys = keysOf(columns)
  return {
    begin: () => '',
    rows: (rows) => rows.map((row) => `${jsonObject(keys, row)}\n`).join(''),
    end: () => '',
  }
}

function jsonObject(keys: readonly string[], row: Row): string {
  return `{${row.map((value, index) => `${keys[index] ?? ''}:${jsonOf(value)}`).join(',')}}`
}

/** The columns as JSON texts, each one only once: a second `a` is `a:1`, as SQLite calls it. */
function keysOf(columns: readonly string[]): string[] {
  const taken = new Set<string>()
  return columns.map((column) => {
    let name = column
    for (let number = 1; taken.has(name); number++) name = `${column}:${number}`
    taken.add(name)
    return jsonText(name)
  })
}
