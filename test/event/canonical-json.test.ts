import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '#src/event/canonical-json.js'
import { isSameJson } from '#src/event/json-equality.js'
import { jsonText } from '../support/hostile-json.js'

describe('canonicalJson', () => {
  it.each([
    ['{ "b": [2.0, {}], "a": 1e0, "\\u0063": null }', '{"a":1,"b":[2,{}],"c":null}'],
    ['-0', '0'],
    ['-0.0', '0'],
    ['"\\u0061\\ud83d"', '"a\\ud83d"'],
    ['{"__proto__":1,"toString":[]}', '{"__proto__":1,"toString":[]}'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['[[],{},"",false,1e22]', '[[],{},"",false,1e+22]'],
  ])('spells %s as %s', (json, canonical) => {
    expect(canonicalJson(json)).toBe(canonical)
  })

  it('spells values that are nested deeper than any stack', () => {
    const deep = `${'[{"a":'.repeat(100_000)}1${'}]'.repeat(100_000)}`
    expect(canonicalJson(deep.replaceAll(':', ' : '))).toBe(deep)
  })

  it('spells lists that are longer than a stack is deep', () => {
    const long = `[${'1,'.repeat(300_000)}1]`
    expect(canonicalJson(long.replaceAll('1', '1.0'))).toBe(long)
  })

  it('refuses what is no JSON', () => {
    expect(() => canonicalJson('{"a"}')).toThrow(SyntaxError)
  })

  it('is the same text for the same value, and for no other', () => {
    let same = 0
    fc.assert(
      fc.property(jsonText, jsonText, (a, b) => {
        expect(canonicalJson(a) === canonicalJson(b)).toBe(isSameJson(a, b))
        expect(canonicalJson(` ${a} `)).toBe(canonicalJson(a))
        if (isSameJson(a, b)) same++
      }),
      { numRuns: 2_000 },
    )
    expect(same).toBeGreaterThan(0)
  })
})
