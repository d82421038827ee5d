import { getBorderCharacters, table } from 'table'
import { printable } from './printable.js'

/** A column of a table for people. */
export interface Column {
  readonly title: string
  /** Where its cells stand; numbers read best on the right. Left unless told otherwise. */
  readonly align?: 'left' | 'right'
  /** In characters of a terminal; what is longer is cut and ends in `…`. */
  readonly maxWidth?: number
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
): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(printable))
  const text = table(cells, {
    border: getBorderCharacters('void'),
    singleLine: true,
    drawHorizontalLine: () => false,
    columnDefault: { paddingLeft: 0, paddingRight: 2 },
    columns: columns.map(({ align = 'left', maxWidth }) => ({
      alignment: align,
      ...(maxWidth !== undefined && { truncate: maxWidth }),
    })),
  })
  return text.replaceAll(/ +$/gm, '')
}
