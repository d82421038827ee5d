import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EqualRanges } from '#src/query/equal-ranges.js'

function rangesOf(least: number, most: number, count: number): [start: number, end: number][] {
  const ranges = new EqualRanges({ least, most }, count)
  return ranges.starts.map((start, index) => [start, ranges.endOf(index)])
}

describe('EqualRanges', () => {
  it('are of one width, but for the last', () => {
    expect(rangesOf(0, 9, 5)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
      [8, 9],
    ])
    expect(rangesOf(3, 9, 3)).toEqual([
      [3, 5],
      [6, 8],
      [9, 9],
    ])
  })

  it('are as many as there are numbers, where these are few', () => {
    expect(rangesOf(7, 7, 1_000)).toEqual([[7, 7]])
    expect(rangesOf(-1, 1, 1_000)).toEqual([
      [-1, -1],
      [0, 0],
      [1, 1],
    ])
  })

  it('are one where one is asked for, however wide', () => {
    const { MIN_SAFE_INTEGER: least, MAX_SAFE_INTEGER: most } = Number
    expect(rangesOf(least, most, 1)).toEqual([[least, most]])
  })

  it('hold every number once, as far apart as they may be', () => {
    const safe = fc.oneof(
      fc.integer({ min: -100, max: 100 }),
      fc.maxSafeInteger(),
      fc.constantFrom(Number.MIN_SAFE_INTEGER, -1, 0, Number.MAX_SAFE_INTEGER),
    )
    const counts = fc.oneof(fc.integer({ min: 1, max: 7 }), fc.constantFrom(999, 1_000))
    fc.assert(
      fc.property(safe, safe, counts, fc.array(safe), (one, other, count, numbers) => {
        const extent = { least: Math.min(one, other), most: Math.max(one, other) }
        const ranges = new EqualRanges(extent, count)
        const { starts } = ranges
        const last = starts.length - 1
        const ends = starts.map((_, index) => ranges.endOf(index))
        expect(last).toBeLessThan(count)
        expect([starts[0], ends[last]]).toEqual([extent.least, extent.most])
        expect(starts.slice(1)).toEqual(ends.slice(0, -1).map((end) => end + 1))
        const inOrder = starts.map((_, index) => index)
        expect(starts.map((start) => ranges.indexOf(start))).toEqual(inOrder)
        expect(ends.map((end) => ranges.indexOf(end))).toEqual(inOrder)
        const widths = starts.map((start, index) => BigInt(ends[index] ?? 0) - BigInt(start))
        expect(new Set(widths.slice(0, -1)).size).toBe(last === 0 ? 0 : 1)
        expect((widths[last] ?? 0n) <= (widths[0] ?? 0n)).toBe(true)
        for (const number of numbers) {
          const index = ranges.indexOf(number)
          const isWithin = number >= extent.least && number <= extent.most
          if (!isWithin) expect(index).toBe(number < extent.least ? 0 : last)
          else expect(number >= (starts[index] ?? NaN) && number <= (ends[index] ?? NaN)).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('take what has no end for the last', () => {
    expect(new EqualRanges({ least: 0, most: 9 }, 5).indexOf(Infinity)).toBe(4)
  })
})
