import { describe, expect, it } from 'vitest'
import { matchTexts, wordsOf } from '#src/sidecar/text-matcher.js'

describe('matchTexts', () => {
  const texts = [
    { description: 'Prices rise in Zürich', details: '{"note":"a poor harvest"}' },
    { description: null, details: '{"place":"zurich"}' },
    { description: null, details: null },
  ]

  it('tells for each text whether it matches', () => {
    expect(matchTexts('"ZURICH"', texts)).toEqual([true, true, false])
    expect(matchTexts('"rise" AND "harv" *', texts)).toEqual([true, false, false])
    expect(matchTexts('"zurich" NOT "rise"', texts)).toEqual([false, true, false])
    expect(matchTexts('"zurich a"', texts)).toEqual([false, false, false])
  })

  it('keeps nothing from one question to the next, whatever becomes of it', () => {
    expect(() => matchTexts('AND', texts)).toThrow(/syntax/)
    expect(matchTexts('"zurich"', [])).toEqual([])
    expect(matchTexts('"zurich"', texts.slice(2))).toEqual([false])
  })
})

describe('matchTexts, asked again of the same texts', () => {
  it('does not read them again', () => {
    let reads = 0
    const text = {
      get description() {
        reads++
        return 'prices rise'
      },
      details: null,
    }
    const texts = [text]
    expect(matchTexts('"rise"', texts)).toEqual([true])
    expect(matchTexts('"fall"', texts)).toEqual([false])
    expect(() => matchTexts('AND', texts)).toThrow(/syntax/)
    expect(matchTexts('"prices"', texts)).toEqual([true])
    expect(reads).toBe(1)
    expect(wordsOf('fall')).toEqual(['fall'])
    expect(matchTexts('"fall"', texts)).toEqual([false])
    expect(reads).toBe(2)
  })
})

describe('wordsOf', () => {
  it('gives the words of a text in their order', () => {
    expect(wordsOf('Über-all "x_1", x_1… cafe\u0301!')).toEqual([
      'uber',
      'all',
      'x',
      '1',
      'x',
      '1',
      'cafe',
    ])
    expect(wordsOf('… 🚀')).toEqual([])
  })

  it('gives words that are words of themselves', () => {
    const letters = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code))
    const words = [...new Set(wordsOf(letters.join(' ').toWellFormed()))]
    expect(words.length).toBeGreaterThan(40_000)
    expect(wordsOf(words.join(' '))).toEqual(words)
  })
})
