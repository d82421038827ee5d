import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeSearchQuery, searchExpression } from '#src/query/search-query.js'
import { matchTexts } from '#src/sidecar/text-matcher.js'

/** Terms as they are understood: `text*` for a beginning, and `-` before what must not occur. */
function understood(text: string): string[] {
  const query = decodeSearchQuery(text)
  if ('problem' in query) throw new Error(query.problem)
  const spell = (sign: string) => (term: (typeof query.wanted)[number]) =>
    `${sign}${term.text}${term.isPrefix ? ' …' : ''}`
  return [...query.wanted.map(spell('')), ...query.unwanted.map(spell('-'))]
}

describe('a search', () => {
  it.each([
    ['price', ['price']],
    ['  price\t rise\n', ['price', 'rise']],
    ['"price  rise"', ['price  rise']],
    ['harv*', ['harv* …']],
    ['"the harv"*', ['the harv …']],
    ['"the harv" *', ['the harv']],
    ['a -b -"c d" -e* -"f g"* --h', ['a', '-b', '-c d', '-e* …', '-f g …', '-h']],
    ['gpt-4 a/b x_1', ['gpt-4', 'a/b', 'x_1']],
    ['a"b c"d', ['a', 'b c', 'd']],
    ['a"b"*-c', ['a', 'b …', '-c']],
    ['a & b - * "…" -! c', ['a', 'b', 'c']],
    ['a a* a -a "a" -a', ['a', 'a* …', '-a']],
    ['a NOT b', ['a', 'NOT', 'b']],
    ['description:a', ['description:a']],
    ['北京 Ñ 𝟘', ['北京', 'Ñ', '𝟘']],
  ])('%j is understood', (text, terms) => {
    expect(understood(text)).toEqual(terms)
  })

  it.each([
    ['', 'must have a letter or a digit to look for'],
    [' - * … 🚀 "" ', 'must have a letter or a digit to look for'],
    ['-a -"b c"', 'must have a word that is to occur, without a -'],
    ['a "b', 'must not begin a " that does not end'],
    ['"', 'must not begin a " that does not end'],
    ['a\0b', 'must not hold a NUL character'],
    ['a'.repeat(1_001), 'must not be longer than 1000 characters'],
    [Array.from({ length: 17 }, (_, n) => `a${n}`).join(' '), 'must not have more than 16 words'],
  ])('%j is refused', (text, problem) => {
    expect(decodeSearchQuery(text)).toEqual({ problem })
  })

  it('may be as long and of as many words as it says', () => {
    expect(understood('a'.repeat(1_000))).toHaveLength(1)
    expect(understood(Array.from({ length: 16 }, (_, n) => `a${n}`).join(' '))).toHaveLength(16)
  })

  it('says nothing to FTS5 that is not a text to look for', () => {
    const syntax = fc.constantFrom(
      ...[
        'AND',
        'OR',
        'NOT',
        'NEAR(',
        'NEAR',
        '(',
        ')',
        '^',
        '+',
        ':',
        '*',
        '-',
        '"',
        "'",
        '{',
        '}',
      ],
      ...['description', 'details', 'rank', 'a', 'b', ' ', ',', '10', ';', '\\', 'é', '\u{1f680}'],
    )
    const text = fc.oneof(
      fc.array(syntax, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 30 }).map((any) => any.toWellFormed()),
    )
    let asked = 0
    fc.assert(
      fc.property(text, (search) => {
        const query = decodeSearchQuery(search)
        if ('problem' in query) return
        asked++
        const same = { description: search, details: null }
        const matches = matchTexts(searchExpression({ ...query, unwanted: [] }), [same])
        // The text of a search says all of it.
        if (/^[\x20-\x7e]*$/.test(search)) expect(matches).toEqual([true])
        expect(matchTexts(searchExpression(query), [same])).toHaveLength(1)
      }),
      { numRuns: 2_000 },
    )
    expect(asked).toBeGreaterThan(500)
  })
})
