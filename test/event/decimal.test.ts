import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNumberText, isSameNumber } from '#src/event/decimal.js'

/** A number as JSON spells it. */
const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.constantFrom('0', '1', '10', '100', '9007199254740993', '12'),
    fc.constantFrom('', '.0', '.00', '.1', '.10', '.01', '.5'),
    fc.constantFrom('', 'e0', 'e1', 'E+1', 'e-1', 'e-2', 'e002', 'e20'),
  )
  .map((parts) => parts.join(''))

/** The number times 10^30, as an integer. */
function scaled(text: string): bigint {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return BigInt(whole + fraction) * 10n ** BigInt(30 + Number(exponent) - fraction.length)
}

describe('numbers as JSON spells them', () => {
  it('are told from other texts', () => {
    fc.assert(
      fc.property(numberText, (text) => {
        expect(isNumberText(text)).toBe(true)
      }),
    )
    for (const text of ['', '-', '+1', '01', '1.', '.1', '1e', '1e+', 'NaN', ' 1', '1\n', '0x1']) {
      expect(isNumberText(text), text).toBe(false)
    }
  })

  it('are the same when they are as integers of the same scale', () => {
    fc.assert(
      fc.property(numberText, numberText, (a, b) => {
        expect(isSameNumber(a, b)).toBe(scaled(a) === scaled(b))
      }),
      { numRuns: 2_000 },
    )
  })
})
