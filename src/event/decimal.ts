/** A number as JSON spells it. */
const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
const ZERO = 0x30

/** Whether a text is a number as JSON spells it. */
export function isNumberText(text: string): boolean {
  return NUMBER.test(text)
}

/**
 * Whether two numbers as JSON spells them are the same number, however many
 * digits they have and however they are spelled: `1`, `1.0` and `10e-1` are,
 * and two integers beyond 2^53 that JavaScript would both round to one are not.
 */
export function isSameNumber(a: string, b: string): boolean {
  return a === b || spellAlike(a) === spellAlike(b)
}

/** The digits without zeros at either end, and the power of ten behind the last. */
function spellAlike(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? []
  const digits = whole + fraction
  let [start, end] = [0, digits.length]
  while (start < end && digits.charCodeAt(start) === ZERO) start++
  while (end > start && digits.charCodeAt(end - 1) === ZERO) end--
  if (start === end) return '0'
  const power = BigInt(exponent) + BigInt(digits.length - end - fraction.length)
  return `${sign}${digits.slice(start, end)}e${power.toString()}`
}
