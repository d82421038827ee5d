import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutPrintable } from '#cli/cut-printable.js'
import { cutToWidth } from '#cli/display-width.js'
import { printable } from '#cli/printable.js'

/** Texts of signs that are narrow, wide, without width, not to be printed, or half a character. */
const ODD_TEXTS = fc
  .array(fc.constantFrom('a', '国', '😀', '\u0301', '\u001b', '\n', '\u202e', '\ud83d', '\ude00'))
  .map((signs) => signs.join(''))

describe('cutPrintable', () => {
  it('makes of the start of a text what would be made of all of it', () => {
    fc.assert(
      fc.property(ODD_TEXTS, fc.integer({ min: 1, max: 12 }), (text, most) => {
        expect(cutPrintable(text, most)).toBe(cutToWidth(printable(text), most))
      }),
      { numRuns: 2_000, verbose: true },
    )
  })

  it('finds what is shown behind much that is not', () => {
    const hidden = '\n'.repeat(100_000)
    expect(cutPrintable(`a${hidden}b${hidden}`, 3)).toBe('a …')
    expect(cutPrintable(`a${hidden}b`, 3)).toBe('a b')
  })
})
