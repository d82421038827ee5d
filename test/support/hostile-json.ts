import fc from 'fast-check'

const space = fc.constantFrom('', '', '', ' ', '\t', '\r', ' \t ')

/** A JSON text for a string: plain, escaped where it need not be, or holding what no UTF-8 can. */
const stringText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => JSON.stringify(text)),
  fc.string({ maxLength: 6 }).map((text) => `"${text.replaceAll(/./g, escaped)}"`),
  fc.constantFrom(
    '"\\ud83d"',
    '"\\uDE00\\uD83D"',
    '"\\ud83d\\ude00"',
    '"\\/"',
    '"\\\\"',
    '"\\\\\\""',
    '"{\\"a\\":[1,"',
    '"\u2028\u2029\u0085"',
    '"\\u0000"',
    '"\ufeff"',
    '"😀"',
    '""',
  ),
)

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Spellings of numbers, most of which JavaScript would not give back. */
const numberText = fc.oneof(
  fc.integer().map(String),
  fc.constantFrom('0', '-0', '1.0', '1e22', '1E+2', '1e-7', '0.1', '-0.0', '9007199254740993'),
  fc.constantFrom('123456789012345678901234567890', '1e400', '3.0e0', '7', '2.50'),
)

const { valueText } = fc.letrec<{ valueText: string }>((tie) => ({
  valueText: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false'),
    numberText,
    stringText,
    fc
      .tuple(fc.array(tie('valueText'), { maxLength: 3 }), space)
      .map(([items, gap]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
    fc
      .tuple(fc.array(fc.tuple(stringText, tie('valueText')), { maxLength: 3 }), space)
      .map(([pairs, gap]) => `{${gap}${pairs.map((pair) => pair.join(`${gap}:`)).join(',')}}`),
  ),
}))

/** One JSON text of any shape, spelled in any way JSON allows. */
export const jsonText = valueText

/** A JSON object over the given members, with odd white space between the tokens. */
export function objectText(
  members: fc.Arbitrary<readonly (readonly [key: string, value: string])[]>,
): fc.Arbitrary<string> {
  return fc
    .tuple(members, fc.array(space, { minLength: 4, maxLength: 4 }))
    .map(([pairs, [before = '', after = '', open = '', end = '']]) => {
      const body = pairs.map(([key, value]) => `${key}${before}:${after}${value}`)
      return `${open}{${before}${body.join(`${after},${before}`)}${end}}${end}`
    })
}

/** A key, spelled plainly or with an escape in it. */
export function keyText(key: string): fc.Arbitrary<string> {
  return fc.constantFrom(
    JSON.stringify(key),
    JSON.stringify(key),
    JSON.stringify(key),
    `"${escaped(key.charAt(0))}${key.slice(1)}"`,
  )
}

/** Any key at all, as JSON spells it. */
export const anyKeyText = fc.oneof(stringText, fc.constantFrom('"__proto__"', '"toString"', '"a"'))
