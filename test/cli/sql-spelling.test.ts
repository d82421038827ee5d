import { describe, expect, it } from 'vitest'
import { ROW_FORMATS } from '#cli/sql/row-formats.js'
import { spellRows } from '#cli/sql/spell-rows.js'
import type { SqlValue } from '#src/sidecar/prepare-query.js'

type Row = readonly SqlValue[]

const csvOf = (rows: readonly Row[], maxRows = 0) =>
  spellRows(ROW_FORMATS.csv(['a'], false), rows.values(), maxRows)

describe('the rows of a query', () => {
  it('come in pieces that are never large, and cut no character in two', () => {
    const large = `x${'😀'.repeat(1_000_000)}`
    const pieces = [...csvOf([[large], ['y']])]
    expect(pieces.map(({ text }) => text).join('')).toBe(`a\n${large}\ny\n`)
    expect(pieces.length).toBeGreaterThan(3)
    for (const { text } of pieces) {
      expect(text.length).toBeLessThanOrEqual(524_288)
      expect(text.isWellFormed()).toBe(true)
    }
  })

  it('are counted once, and the last piece says how they end', () => {
    const rows: Row[] = [['x'.repeat(2_000_000)], ['y'], ['z']]
    const told = (maxRows: number) => {
      const pieces = [...csvOf(rows, maxRows)]
      const count = pieces.reduce((sum, piece) => sum + piece.rows, 0)
      return [
        count,
        pieces.findIndex(({ end }) => end !== undefined) - pieces.length,
        pieces.at(-1)?.end,
      ]
    }
    expect(told(0)).toEqual([3, -1, 'all'])
    expect(told(3)).toEqual([3, -1, 'all'])
    expect(told(2)).toEqual([2, -1, 'limit'])
  })

  it('leave no text when the first of them fails', () => {
    const failing: Iterator<Row> = {
      next: () => {
        throw new Error('malformed')
      },
    }
    const pieces = spellRows(ROW_FORMATS.csv(['a'], false), failing, 0)
    expect(() => pieces.next()).toThrow('malformed')
  })
})
