import { describe, expect, it } from 'vitest'
import { TurnlogError } from '#src/errors.js'
import { assertSimulationId } from '#src/event/simulation-id.js'

describe('a simulation id', () => {
  it.each([
    'market-20251004-142345-6agents',
    'with space',
    '[x]',
    '{a,b}',
    '*',
    '!neg',
    '.hidden',
    '...',
    '.turnlog2',
    'größer',
    '市場',
    '😀',
    'x'.repeat(255),
  ])('may be %j', (id) => {
    expect(() => {
      assertSimulationId(id)
    }).not.toThrow()
  })

  it.each([
    ['', 'is empty'],
    ['.', 'means another directory'],
    ['..', 'means another directory'],
    ['.turnlog', 'is the directory of the sidecar'],
    ['a/b', 'slash'],
    ['../other', 'slash'],
    ['a\\b', 'backslash'],
    ['a\nb', 'control character'],
    ['a\0', 'control character'],
    ['a\x7f', 'control character'],
    ['a\ud83d', 'half of a surrogate pair'],
    ['x'.repeat(256), 'longer than 255 bytes'],
    ['ü'.repeat(128), 'longer than 255 bytes'],
  ])('may not be %j: it %s', (id, why) => {
    const refused = expect(() => {
      assertSimulationId(id)
    })
    refused.toThrow(TurnlogError)
    refused.toThrow(expect.objectContaining({ code: 'SIMULATION_ID_INVALID' }))
    refused.toThrow(why)
  })
})
