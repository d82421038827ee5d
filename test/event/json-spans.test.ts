import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topLevelSpans } from '#src/event/json-spans.js'
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
