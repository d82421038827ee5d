import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSameJson } from '#src/event/json-equality.js'
import { jsonText } from '../support/hostile-json.js'

describe('isSameJson', () => {
  it.each([
    ['{"a":1,"b":[2]}', '{ "b": [2.0], "a": 1e0 }'],
    ['"\\u0061"', '"a"'],
    ['-0', '0'],
    ['{"__proto__":1}', '{"__proto__":1}  '],
  ])('takes %s and %s for the same', (a, b) => {
    expect(isSameJson(a, b)).toBe(true)
  })

  it.each([
    ['[1,2]', '[2,1]'],
    ['[]', '{}'],
    ['{"0":1}', '[1]'],
    ['{"a":null}', '{}'],
    ['{"a":1}', '{"a":1,"b":1}'],
    ['{"toString":1}', '{"a":1}'],
    ['null', '{}'],
    ['"1"', '1'],
  ])('tells %s from %s', (a, b) => {
    expect(isSameJson(a, b)).toBe(false)
    expect(isSameJson(b, a)).toBe(false)
  })

  it('compares values that are nested deeper than any stack', () => {
    const deep = (inner: string): string => '['.repeat(200_000) + inner + ']'.repeat(200_000)
    expect(isSameJson(deep('1'), ` ${deep('1')}`)).toBe(true)
    expect(isSameJson(deep('1'), deep('2'))).toBe(false)
  })

  it('says what a deep comparison of the values says', () => {
    const withoutMinusZero = (text: string): string => text.replaceAll(/-0(\.0)?(?![\d.eE])/g, '0')
    fc.assert(
      fc.property(jsonText.map(withoutMinusZero), jsonText.map(withoutMinusZero), (a, b) => {
        expect(isSameJson(a, b)).toBe(isDeepStrictEqual(JSON.parse(a), JSON.parse(b)))
        expect(isSameJson(a, JSON.stringify(JSON.parse(a)))).toBe(!a.includes('1e400'))
      }),
    )
  })
})
