import { describe, expect, it } from 'vitest'
import { nearestName } from '#src/nearest-name.js'

describe('nearestName', () => {
  it.each([
    ['markt-1', ['market-1', 'village-1'], 'market-1'],
    ['market', ['village-1', 'market-20251004-142345-6agents'], 'market-20251004-142345-6agents'],
    ['market-2', ['market-1', 'market-22'], 'market-22'],
    ['DECISON', ['ACTION', 'DECISION'], 'DECISION'],
    ['SOLO', ['market-1', 'solo'], 'solo'],
    ['completely-different', ['x'.repeat(200)], undefined],
    ['', ['a'], undefined],
    ['zzz', ['market-1', 'solo'], undefined],
    ['anything', [], undefined],
  ])('of %j among %j is %j', (name, known, nearest) => {
    expect(nearestName(name, known)).toBe(nearest)
  })

  it('takes a name of any length', () => {
    expect(nearestName('x'.repeat(1_000_000), ['x'])).toBeUndefined()
  })
})
