import { describe, expect, it } from 'vitest'
import { type StreamedColumn, streamTable } from '#cli/streamed-table.js'

const COLUMNS: readonly StreamedColumn[] = [
  { title: 'turn', align: 'right', isWhole: true },
  { title: 'agent' },
  { title: 'what' },
]

type Row = readonly string[]

async function linesOf(
  parts: readonly (readonly Row[])[],
  terminalWidth?: number,
  columns = COLUMNS,
): Promise<string[]> {
  async function* inParts() {
    // Parts come as they do from a reader: each later than the one before.
    for (const part of parts) yield await Promise.resolve(part)
  }
  let text = ''
  for await (const piece of streamTable(columns, inParts(), (row) => row, terminalWidth)) {
    text += piece
  }
  return text === '' ? [] : text.trimEnd().split('\n')
}

describe('a streamed table', () => {
  it('is as wide as its first thousand rows need it, however they come', async () => {
    const rows = Array.from({ length: 999 }, (_, at): Row => [String(at), 'bo', 'x'])
    const parts = [rows.slice(0, 3), rows.slice(3), [['7', 'Alexandra', 'y']], [['8', 'Al', 'z']]]
    const lines = await linesOf(parts)
    expect(lines).toHaveLength(1_002)
    expect(lines[0]).toBe('turn  agent      what')
    expect(lines.slice(-2)).toEqual(['   7  Alexandra  y', '   8  Al         z'])
  })

  it('never cuts what is to be shown whole, and cuts the rest to what is known', async () => {
    const rows = Array.from({ length: 1_000 }, (): Row => ['1', 'bo', 'x'])
    const [turn, agent] =
      (await linesOf([rows, [['123456', 'Alexandra', 'y']]])).at(-1)?.split(/ +/) ?? []
    expect([turn, agent]).toEqual(['123456', 'Alex…'])
  })

  it.each([
    [undefined, 60],
    [200, 60],
    [60, 47],
    [10, 20],
  ])('gives the last column what is left of %s characters', async (terminalWidth, left) => {
    const lines = await linesOf([[['1', 'alice', 'x'.repeat(100)]]], terminalWidth)
    expect(lines.at(-1)).toBe(`   1  alice  ${'x'.repeat(left - 1)}…`)
  })

  it('is nothing without rows', async () => {
    expect(await linesOf([])).toEqual([])
    expect(await linesOf([[], []])).toEqual([])
  })
})
