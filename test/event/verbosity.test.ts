import { describe, expect, it } from 'vitest'
import { EVENT_TYPES } from '#src/event/event-type.js'
import { captures, DEFAULT_VERBOSITY, VERBOSITY_LEVELS } from '#src/event/verbosity.js'

describe('verbosity', () => {
  it.each([
    ['MILESTONE', ['MILESTONE']],
    ['DECISION', ['MILESTONE', 'DECISION']],
    ['ACTION', ['MILESTONE', 'DECISION', 'ACTION']],
    ['STATE', ['MILESTONE', 'DECISION', 'ACTION', 'STATE']],
    ['DETAIL', ['MILESTONE', 'DECISION', 'ACTION', 'STATE', 'DETAIL', 'SYSTEM']],
  ] as const)('%s records %j and nothing else', (level, types) => {
    expect(EVENT_TYPES.filter((type) => captures(level, type))).toEqual(types)
  })

  it('lists the levels from the least to everything, ACTION being the default', () => {
    const sizes = VERBOSITY_LEVELS.map(
      (level) => EVENT_TYPES.filter((type) => captures(level, type)).length,
    )
    expect(sizes).toEqual([1, 2, 3, 4, 6])
    expect(DEFAULT_VERBOSITY).toBe('ACTION')
  })
})
