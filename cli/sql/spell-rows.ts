import { TurnlogError } from '../../src/errors.js'
import type { SqlValue } from '../../src/sidecar/prepare-query.js'
import { sliceWhole } from '../slice-whole.js'
import type { QueryPiece } from './query-messages.js'
import type { RowFormat } from './row-formats.js'

/** Rows are spelled together until there are this many, */
const MAX_ROWS = 1_000
/** or they are this large, in bytes, */
const MAX_BYTES = 256 * 1024
/** or the first of them waits this long, in milliseconds. */
const MAX_WAIT_MS = 100

/** A larger row is none for people; it has to be held, and spelled. */
const MAX_ROW_BYTES = 64 * 1024 * 1024

/** In UTF-16 units: who takes the pieces is never busy with one for long. */
const MAX_PIECE_UNITS = 512 * 1024

type Row = readonly SqlValue[]

/**
 * Spells rows, in pieces that come soon and are never large. Nothing is spelled before a first
 * part of the rows is there, so a query that fails in it leaves no text.
 *
 * @param maxRows 0 is any number
 * @throws TurnlogError QUERY_TOO_BROAD where a single row is too large, and what `rows` throws
 */
export function* spellRows(
  format: RowFormat,
  rows: Iterator<Row>,
  maxRows: number,
): Generator<QueryPiece> {
  let begun = false
  for (const { rows: part, end } of readParts(rows, maxRows)) {
    const start = begun ? '' : format.begin()
    begun = true
    const middle = format.rows(part)
    const close = end === undefined ? '' : format.end(end === 'limit')
    yield* cutUp(start + middle + close, part.length, end)
  }
}

function* cutUp(text: string, rows: number, end: QueryPiece['end']): Generator<QueryPiece> {
  let at = 0
  do {
    const piece = sliceWhole(text, at, MAX_PIECE_UNITS)
    const isFirst = at === 0
    at += piece.length
    const isLast = at === text.length && end !== undefined
    yield { text: piece, rows: isFirst ? rows : 0, ...(isLast && { end }) }
  } while (at < text.length)
}

interface Part {
  readonly rows: readonly Row[]
  readonly end?: QueryPiece['end']
}

function* readParts(source: Iterator<Row>, maxRows: number): Generator<Part> {
  let left = maxRows === 0 ? Infinity : maxRows
  for (;;) {
    const rows: Row[] = []
    const startedAt = performance.now()
    let bytes = 0
    while (rows.length < MAX_ROWS && bytes < MAX_BYTES) {
      const next = source.next()
      if (next.done === true) {
        yield { rows, end: 'all' }
        return
      }
      if (left-- === 0) {
        yield { rows, end: 'limit' }
        return
      }
      const size = sizeOf(next.value)
      if (size > MAX_ROW_BYTES) throw rowTooLarge()
      rows.push(next.value)
      bytes += size
      if (performance.now() - startedAt > MAX_WAIT_MS) break
    }
    yield { rows }
  }
}

function rowTooLarge(): TurnlogError {
  return new TurnlogError('QUERY_TOO_BROAD', {
    message: `run the query: one of its rows is larger than ${MAX_ROW_BYTES / 1024 / 1024} MB`,
    hint: 'ask for less in a row',
  })
}

/** In bytes, about. */
function sizeOf(row: Row): number {
  let bytes = 0
  for (const value of row) {
    if (typeof value === 'string') bytes += value.length
    else bytes += value instanceof Uint8Array ? value.byteLength : 8
  }
  return bytes
}
