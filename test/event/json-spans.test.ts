import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textAt, topLevelSpans } from '#src/event/json-spans.js'
import { anyKeyText, jsonText, objectText } from '../support/hostile-json.js'

/** The text of every value, by key. */
function slices(json: string): Record<string, string> {
  return Object.fromEntries(
    [...topLevelSpans(json)].map(([key, { start, end }]) => [key, json.slice(start, end)]),
  )
}

describe('topLevelSpans', () => {
  it('gives every value as it is spelled', () => {
    const json = '{ "a" : 1.0 ,"b":{"c":[1e22, "}"]},"d":"x\\"y,","e":null, "f" :[ ] }'
    expect(slices(json)).toEqual({
      a: '1.0',
      b: '{"c":[1e22, "}"]}',
      d: '"x\\"y,"',
      e: 'null',
      f: '[ ]',
    })
  })

  it('finds nothing in an empty object', () => {
    expect(slices('{}')).toEqual({})
    expect(slices(' \t{ \r } ')).toEqual({})
  })

  it('takes the last of a key given twice, also where one is spelled with an escape', () => {
    expect(slices('{"a":1,"\\u0061":2}')).toEqual({ a: '2' })
  })

  it('counts backslashes before a quote', () => {
    expect(slices('{"a":"\\\\","b":"\\\\\\"","c\\\\":1}')).toEqual({
      a: '"\\\\"',
      b: '"\\\\\\""',
      'c\\': '1',
    })
  })

  it('finds for every key the value JSON.parse finds, however the object is spelled', () => {
    const members = fc.array(fc.tuple(anyKeyText, jsonText), { maxLength: 6 })
    fc.assert(
      fc.property(objectText(members), (json) => {
        const parsed = JSON.parse(json) as Record<string, unknown>
        const found = slices(json)
        expect(Object.keys(found).sort()).toEqual(Object.keys(parsed).sort())
        for (const [key, text] of Object.entries(found)) {
          expect(JSON.parse(text)).toEqual(parsed[key])
          expect(text.trim()).toBe(text)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('textAt', () => {
  it('gives a value within others as it is spelled', () => {
    const json = ' { "a" : [ 1.0 , {"b":"]}" , "b":[ ] } ] } '
    expect(textAt(json, ['a', '0'])).toBe('1.0')
    expect(textAt(json, ['a', '1', 'b'])).toBe('[ ]')
    expect(textAt(json, [])).toBe(json.trim())
  })

  it('finds nothing where there is nothing', () => {
    for (const path of [['b'], ['a', '2'], ['a', 'b'], ['a', '0', 'x'], ['a', '1', 'b', '0']]) {
      expect(textAt('{"a":[1,{"b":[]}]}', path)).toBeUndefined()
    }
  })

  it('finds every value within any other', () => {
    fc.assert(
      fc.property(jsonText, (json) => {
        const left: [path: string[], value: unknown][] = [[[], JSON.parse(json)]]
        for (let next = left.pop(); next !== undefined; next = left.pop()) {
          const [path, value] = next
          expect(JSON.parse(textAt(json, path) ?? '')).toEqual(value)
          if (typeof value !== 'object' || value === null) continue
          for (const [key, inner] of Object.entries(value)) left.push([[...path, key], inner])
        }
      }),
      { numRuns: 500 },
    )
  })
})
