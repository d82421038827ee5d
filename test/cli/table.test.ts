import { describe, expect, it } from 'vitest'
import { cutToWidth, displayWidth } from '#cli/display-width.js'
import { formatTable } from '#cli/table.js'

describe('formatTable', () => {
  it('aligns columns under their titles', () => {
    const columns = [{ title: 'run' }, { title: 'events', align: 'right' as const }, { title: 'x' }]
    expect(
      formatTable(columns, [
        ['market-1', '2,000', 'y'],
        ['国家', '41', ''],
      ]),
    ).toBe('run       events  x\nmarket-1   2,000  y\n国家          41\n')
  })

  it('cuts what is longer than its column may be, and keeps the others on one line', () => {
    const columns = [{ title: 'a', maxWidth: 4 }, { title: 'b' }]
    expect(formatTable(columns, [['abcdef', 'x\u001b[2J\ny']])).toBe('a     b\nabc…  x [2J y\n')
  })

  it('goes on below with columns of the same width', () => {
    const columns = [{ title: 'a', width: 5 }, { title: 'b' }]
    expect(formatTable(columns, [['x', 'y']], { titles: false })).toBe('x      y\n')
  })
})

describe('displayWidth', () => {
  it.each([
    ['', 0],
    ['Großbank', 8],
    ['国家_中国', 9],
    ['e\u0301', 1],
    ['😀', 2],
    ['ｗ', 2],
    ['가', 2],
    ['𝒳 ≤ ∑ ½', 7],
    ['a\u200bb', 2],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

describe('cutToWidth', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['国家中国', 5, '国家…'],
    ['国家中国', 4, '国…'],
    ['😀😀', 3, '😀…'],
  ])('makes %j fit into %i places', (text, most, cut) => {
    expect(cutToWidth(text, most)).toBe(cut)
    expect(displayWidth(cut)).toBeLessThanOrEqual(most)
  })
})
