import { describe, expect, it } from 'vitest'
import { countTokens, findTokenUsage } from '#src/simulation/token-usage.js'

describe('the tokens of an answer', () => {
  it.each([
    [{ usage: { input_tokens: 1, output_tokens: 2 } }, 1, 2],
    [{ usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }, 1, 2],
    [{ usage: { inputTokens: 1, outputTokens: 2 } }, 1, 2],
    [{ usage: { promptTokens: 1, completionTokens: 2 } }, 1, 2],
    [{ usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2 } }, 1, 2],
    [{ usage: { input_tokens: 'many', output_tokens: 2 } }, undefined, 2],
    [{ usage: null, usageMetadata: { promptTokenCount: 1 } }, 1, undefined],
    [{ usage: {}, usageMetadata: { promptTokenCount: 1 } }, 1, undefined],
  ])('are found in %j', (answer, input, output) => {
    expect(findTokenUsage(answer)).toEqual({ input_tokens: input, output_tokens: output })
  })

  it.each([undefined, null, 'text', 7, {}, { usage: null }, { usage: {} }, { usage: [] }])(
    'are not found in %j',
    (answer) => {
      expect(findTokenUsage(answer)).toBeUndefined()
    },
  )

  it('are counts and nothing else, however they are found', () => {
    const found = { input_tokens: -1, output_tokens: 2, cost: 3 }
    expect(countTokens('hi', () => found)).toEqual({ output_tokens: 2 })
    expect(countTokens('hi', () => 'many' as never)).toBeUndefined()
  })

  it('are none of the business of an answer that does not let itself be looked at', () => {
    const shy = {
      get usage() {
        throw new Error('not today')
      },
    }
    expect(countTokens(shy, findTokenUsage)).toBeUndefined()
  })
})
