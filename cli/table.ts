import { getBorderCharacters, table } from 'table'
import { printable } from './printable.js'

/** A column of a table for people. */
export interface Column {
  readonly title: string
  /** Where its cells stand; numbers read best on the right. Left unless told otherwise. */
  readonly align?: 'left' | 'right'
  /** In characters of a terminal; as wide as its widest cell unless given. */
  readonly width?: number
  /** In characters of a terminal; what is longer is cut and ends in `…`. */
  readonly maxWidth?: number
}

/** What of a table is made: a later part of it has no titles. */
export interface TableParts {
  /** True unless told otherwise. */
  readonly titles?: boolean
}

/**
 * Rows as aligned columns without borders, the titles first, each line ended by a newline.
 * Control characters are shown as blanks: what an event says cannot steer a terminal.
 *
 * @param rows as many cells each as there are columns
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { titles = true }: TableParts = {},
): string {
  const head = titles ? [columns.map(({ title }) => title)] : []
  const cells = [...head, ...rows].map((row) => row.map(printable))
  const text = table(cells, {
    border: getBorderCharacters('void'),
    singleLine: true,
    drawHorizontalLine: () => false,
    columnDefault: { paddingLeft: 0, paddingRight: 2 },
    columns: columns.map(({ align = 'left', width, maxWidth }) => ({
      alignment: align,
      ...(width !== undefined && { width }),
      ...(maxWidth !== undefined && { truncate: maxWidth }),
    })),
  })
  return text.replaceAll(/ +$/gm, '')
}
