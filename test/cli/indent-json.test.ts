import { describe, expect, it } from 'vitest'
import { coloursFor } from '#cli/colour.js'
import { indentJson } from '#cli/indent-json.js'
import { processOutput } from '#cli/output.js'

const plain = coloursFor(processOutput.out, { NO_COLOR: '1' })

describe('indentJson', () => {
  it('keeps the spelling, a value a line', () => {
    expect(indentJson('{"a":1.0,"b":[],"c":[{"d":"x, {y}"}]}', plain)).toBe(
      '{\n  "a": 1.0,\n  "b": [],\n  "c": [\n    {\n      "d": "x, {y}"\n    }\n  ]\n}',
    )
  })

  it('takes room in proportion, however deeply it is nested', () => {
    const depth = 50_000
    const text = `${'['.repeat(depth)}1${']'.repeat(depth)}`
    const shown = indentJson(text, plain)
    expect(shown.length).toBeLessThan(depth * 2 * 100)
    expect(shown.replaceAll(/\s/g, '')).toBe(text)
  })
})
