import { describe, expect, it } from 'vitest'
import { MAX_DESCRIPTION_LENGTH } from '#src/event/event-schema.js'
import { describeError, shorten } from '#src/simulation/describe-error.js'

describe('what was thrown', () => {
  class Refusal extends Error {
    override readonly name = 'Refusal'
  }

  it.each([
    [new RangeError('too far'), 'RangeError', 'too far'],
    [new Refusal('no'), 'Refusal', 'no'],
    [Object.assign(new Error('late'), { code: 'ETIMEDOUT' }), 'ETIMEDOUT', 'late'],
    [Object.assign(new Error('late'), { code: 504 }), 'Error', 'late'],
    [Object.assign(new Error('late'), { name: '' }), 'error', 'late'],
    [Object.assign(new Error(), { message: { why: 'late' } }), 'Error', "{ why: 'late' }"],
    ['a text', 'error', 'a text'],
    [{ reason: 'none' }, 'error', "{ reason: 'none' }"],
    [undefined, 'error', 'undefined'],
    [new Error('half a \ud83d'), 'Error', 'half a \ufffd'],
  ])('is told of: %o', (error, type, message) => {
    expect(describeError(error)).toEqual({ type, message })
  })

  it('is told of though it does not let itself be looked at', () => {
    const { proxy, revoke } = Proxy.revocable(new Error('gone'), {})
    revoke()
    expect(describeError(proxy)).toEqual({
      type: 'error',
      message: 'something that cannot be looked at',
    })
  })
})

describe('a text that is to be a description', () => {
  it.each(['', 'short', '𝒳'.repeat(MAX_DESCRIPTION_LENGTH)])('stays where it fits: %s', (text) => {
    expect(shorten(text)).toBe(text)
  })

  it.each(['x', '𝒳', 'x𝒳'])('is cut between characters: many of %s', (part) => {
    const text = part.repeat(2 * MAX_DESCRIPTION_LENGTH)
    const short = shorten(text)
    expect(Array.from(short)).toHaveLength(MAX_DESCRIPTION_LENGTH)
    expect(short.endsWith('…')).toBe(true)
    expect(text.startsWith(short.slice(0, -1))).toBe(true)
    expect(short.isWellFormed()).toBe(true)
  })

  it('has nothing in it that is no text', () => {
    expect(shorten('half a \ud83d')).toBe('half a \ufffd')
  })
})
