import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pickFields } from '#src/event/pick-fields.js'
import { anyKeyText, jsonText, objectText } from '../support/hostile-json.js'

describe('pickFields', () => {
  it('keeps the order and the spelling', () => {
    const json = '{ "b" : 1.0 ,"a":[ 1e22 ],"c":"\\u0061", "b":{"a":2} }'
    expect(pickFields(json, new Set(['a', 'b']))).toBe('{"b":{"a":2},"a":[ 1e22 ]}')
    expect(pickFields(json, new Set(['c', 'nothing']))).toBe('{"c":"\\u0061"}')
    expect(pickFields(json, new Set())).toBe('{}')
  })

  it('leaves of any object what was asked for', () => {
    const members = fc.array(fc.tuple(anyKeyText, jsonText), { maxLength: 6 })
    fc.assert(
      fc.property(objectText(members), fc.nat({ max: 6 }), (json, count) => {
        const parsed = JSON.parse(json) as Record<string, unknown>
        const keys = new Set(Object.keys(parsed).slice(0, count))
        const picked = Object.entries(parsed).filter(([key]) => keys.has(key))
        const text = pickFields(json, keys)
        expect(JSON.parse(text)).toEqual(Object.fromEntries(picked))
        expect(pickFields(text, keys)).toBe(text)
      }),
      { numRuns: 500 },
    )
  })
})
