import { cutPrintable } from './cut-printable.js'
import { displayWidth } from './display-width.js'

/** A column of a table for people. */
export interface Column {
  readonly title: string
  /** Where its cells stand; numbers read best on the right. Left unless told otherwise. */
  readonly align?: 'left' | 'right'
  /** In characters of a terminal, at least; as wide as its widest cell unless given. */
  readonly width?: number
  /** In characters of a terminal; what is longer is cut and ends in `…`. */
  readonly maxWidth?: number
}

/** What of a table is made: a later part of it has no titles. */
export interface TableParts {
  /** True unless told otherwise. */
  readonly titles?: boolean
}

const BETWEEN_COLUMNS = '  '

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
  const cells = [...head, ...rows].map((row) =>
    row.map((text, index) => toCell(text, columns[index])),
  )
  const widths = columns.map(({ width = 0 }, index) =>
    cells.reduce((most, row) => Math.max(most, row[index]?.width ?? 0), width),
  )
  const lines = cells.map((row) =>
    row.map((cell, index) => align(cell, widths[index] ?? 0, columns[index])).join(BETWEEN_COLUMNS),
  )
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

interface Cell {
  readonly text: string
  /** In characters of a terminal. */
  readonly width: number
}

function toCell(text: string, { maxWidth = Infinity }: Partial<Column> = {}): Cell {
  const cut = cutPrintable(text, maxWidth)
  return { text: cut, width: displayWidth(cut) }
}

function align({ text, width }: Cell, columnWidth: number, column?: Column): string {
  const missing = ' '.repeat(Math.max(0, columnWidth - width))
  return column?.align === 'right' ? missing + text : text + missing
}
