import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RowDistances } from '#src/query/row-distances.js'

describe('RowDistances', () => {
  it('gives what was set last, and nothing of any other row', () => {
    const row = fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 2 ** 40 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(row, fc.nat())), fc.array(row), (pairs, others) => {
        const distances = new RowDistances()
        for (const [at, distance] of pairs) distances.set(at, distance)
        const expected = new Map(pairs)
        for (const at of [...expected.keys(), ...others]) {
          expect(distances.get(at)).toBe(expected.get(at))
        }
      }),
    )
  })

  it('refuses what can be no row of a table', () => {
    for (const row of [-1, 0.5, NaN, 2 ** 60]) {
      expect(() => {
        new RowDistances().set(row, 0)
      }).toThrow(RangeError)
    }
  })
})
