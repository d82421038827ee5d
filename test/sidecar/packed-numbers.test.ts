import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packNumbers, unpackNumbers } from '#src/sidecar/packed-numbers.js'

const HEADER_BYTES = 16

/** Numbers of one size: near each other, anywhere, or at the ends of what a double counts. */
const numbers = fc.oneof(
  ...[2 ** 8, 2 ** 16, 2 ** 32, 2 ** 52].map((reach) =>
    fc
      .tuple(fc.maxSafeInteger(), fc.array(fc.nat({ max: 2 ** 31 - 1 }), { maxLength: 20 }))
      .map(([base, steps]) => steps.map((step) => clamp(base + (step % reach)))),
  ),
  fc.array(fc.maxSafeInteger(), { maxLength: 20 }),
  fc.array(fc.constantFrom(Number.MIN_SAFE_INTEGER, -1, 0, 1, Number.MAX_SAFE_INTEGER), {
    maxLength: 5,
  }),
  fc
    .tuple(fc.integer(), fc.nat({ max: 20 }))
    .map(([first, length]) => Array.from({ length }, (_, index) => first + index)),
)

function clamp(number: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, number))
}

describe('packed numbers', () => {
  it('are what they were, however far apart', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        expect([...unpackNumbers(packNumbers(values))]).toEqual(values)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    [[5, 6, 7, 8], 0],
    [[3, 1, 2], 3],
    [[1_000_000, 1_000_255, 1_000_000], 3],
    [[0, 65_535], 4],
    [[2 ** 40, 2 ** 40 + 70_000], 8],
    [[Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], 16],
  ])('take no more room than their distances need: %j', (values, bytes) => {
    expect(packNumbers(values)).toHaveLength(HEADER_BYTES + bytes)
  })

  it('are told from other bytes', () => {
    const packed = packNumbers([1, 9, 4])
    for (const damaged of [packed.subarray(0, 17), packed.subarray(0, 3), 'text', null, 7]) {
      expect(() => unpackNumbers(damaged)).toThrow(RangeError)
    }
  })
})
