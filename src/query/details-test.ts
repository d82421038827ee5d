import { isNumberText, isSameNumber } from '../event/decimal.js'
import { textAt } from '../event/json-spans.js'

/** Longer paths are refused, in keys and in characters. */
const MAX_KEYS = 16
const MAX_LENGTH = 500
/** The longest value that is asked for, in characters: it is held against that of each event. */
export const MAX_VALUE_LENGTH = 4_096

/** That the details of an event have a value at a place. */
export interface DetailsTest {
  /** Keys from the outside inwards; a number is also the index of an item. */
  readonly path: readonly string[]
  /** A string, or a number, `true`, `false` or `null` as it is spelled. */
  readonly value: string
}

/** Why a text is no path. */
export interface PathProblem {
  readonly problem: string
}

/** Reads a path: keys with a dot between two. */
export function decodeDetailsPath(text: string): readonly string[] | PathProblem {
  if (text.length > MAX_LENGTH)
    return { problem: `must not be longer than ${MAX_LENGTH} characters` }
  if (text.includes('\0')) return { problem: 'must not hold a NUL character' }
  const path = text.split('.')
  if (path.includes('')) return { problem: 'must name a key before and behind every dot' }
  if (path.length > MAX_KEYS) return { problem: `must not have more than ${MAX_KEYS} keys` }
  return path
}

/**
 * Whether details pass every test. A value is equal to a string that is this
 * text and to the number, `true`, `false` or `null` that it spells; numbers are
 * compared as the decimals they are spelled as. Objects and arrays are equal to
 * nothing.
 *
 * @param details a JSON text
 * @param parsed the value it spells, where somebody has parsed it already
 */
export function passesTests(
  details: string,
  tests: readonly DetailsTest[],
  parsed: unknown = JSON.parse(details),
): boolean {
  return tests.every((test) => passesTest(details, parsed, test))
}

function passesTest(details: string, parsed: unknown, { path, value }: DetailsTest): boolean {
  const found = valueAt(parsed, path)
  if (typeof found === 'string') return found === value
  // Equal numbers are rounded alike; what is rounded alike need not be equal.
  if (typeof found === 'number') {
    const mayBeEqual = isNumberText(value) && Number(value) === found
    return mayBeEqual && isSameNumber(value, textAt(details, path) ?? '')
  }
  return (
    (found === true && value === 'true') ||
    (found === false && value === 'false') ||
    (found === null && value === 'null')
  )
}

const INDEX = /^(?:0|[1-9]\d*)$/

/** Undefined where there is nothing. */
function valueAt(parsed: unknown, path: readonly string[]): unknown {
  let value = parsed
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    // An array has other keys than its indexes, which no JSON text gave it.
    if (!Object.hasOwn(value, key) || (Array.isArray(value) && !INDEX.test(key))) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}
