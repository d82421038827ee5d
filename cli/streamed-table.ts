import { cutToWidth, displayWidth } from './display-width.js'
import { printable } from './printable.js'
import { type Column, formatTable } from './table.js'

/** A column whose width the first rows decide. */
export interface StreamedColumn extends Pick<Column, 'title' | 'align'> {
  /** In characters of a terminal; {@link MAX_CELL} unless given. */
  readonly maxWidth?: number
  /** Whether nothing of it is ever cut: half a number or a name is a wrong one. */
  readonly isWhole?: true
}

/** What a cell shows of a longer text, in characters. */
const MAX_CELL = 60
/** So many rows say how wide columns are. */
const MEASURED_ROWS = 1_000
/** The last column has what is left of a terminal, but never less than this. */
const MIN_LAST = 20
const BETWEEN_COLUMNS = 2

/**
 * A table of any number of rows, made part by part: the first thousand rows say how wide its
 * columns are, so that a table of any length takes little memory. What is wider later is cut, or
 * where a column is to be shown whole, moves the rest of its row.
 *
 * @param terminalWidth in characters; undefined where there is none
 */
export async function* streamTable<T>(
  columns: readonly StreamedColumn[],
  parts: AsyncIterable<readonly T[]>,
  toRow: (item: T) => readonly string[],
  terminalWidth: number | undefined,
): AsyncGenerator<string> {
  const measured: (readonly string[])[] = []
  let fitted: readonly Column[] | undefined
  for await (const part of parts) {
    const rows = part.map((item) => shorten(columns, toRow(item)))
    if (fitted !== undefined) {
      yield formatTable(fitted, rows, { titles: false })
      continue
    }
    measured.push(...rows)
    if (measured.length < MEASURED_ROWS) continue
    fitted = fit(columns, measured, terminalWidth)
    yield formatTable(fitted, measured)
  }
  if (fitted === undefined && measured.length > 0) {
    yield formatTable(fit(columns, measured, terminalWidth), measured)
  }
}

/** Of texts that are cut anyway, no more than that is held. */
function shorten(columns: readonly StreamedColumn[], row: readonly string[]): string[] {
  return row.map((text, index) => {
    const { isWhole, maxWidth = MAX_CELL } = columns[index] ?? {}
    return isWhole === true ? text : cutToWidth(printable(text), maxWidth)
  })
}

function fit(
  columns: readonly StreamedColumn[],
  rows: readonly (readonly string[])[],
  terminalWidth: number | undefined,
): Column[] {
  let left = terminalWidth ?? Infinity
  return columns.map(({ title, align = 'left', isWhole, maxWidth = MAX_CELL }, index) => {
    if (index === columns.length - 1 && isWhole !== true) {
      return { title, align, maxWidth: Math.min(maxWidth, Math.max(MIN_LAST, left)) }
    }
    const width = rows.reduce(
      (most, row) => Math.max(most, displayWidth(printable(row[index] ?? ''))),
      displayWidth(title),
    )
    left -= width + BETWEEN_COLUMNS
    return { title, align, width, ...(isWhole === true ? {} : { maxWidth: width }) }
  })
}
