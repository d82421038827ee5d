import { z } from 'zod'
import { nearestName } from '../src/nearest-name.js'
import { parseFields } from '../src/query/parse-fields.js'
import { invalidParameters, type ProblemDetail } from './problem.js'

/** How many wrong parameters an answer names; of a longer list, nobody reads more. */
const MAX_NAMED = 100
/** What is shown of a name, in characters. */
const MAX_SHOWN = 50

/**
 * Reads query parameters. Keys whose schema is an array may be repeated, others
 * not. A key of the schema like `details.<path>` stands for all that begin as
 * it does; its schema is given what each says behind that beginning, with its
 * value.
 *
 * @param search what follows the `?`, as it was sent
 * @throws ApiError 422 INVALID_PARAMETER naming every parameter that is wrong or unknown
 */
export function parseQuery<S extends z.ZodObject>(schema: S, search: string): z.infer<S> {
  const problems: ProblemDetail[] = []
  const values: Record<string, string | string[]> = {}
  const families: Record<string, [rest: string, value: string][]> = {}
  const known = new Map(Object.entries<z.core.$ZodType>(schema.shape))
  for (const [key, given] of splitSearch(search)) {
    if (problems.length === MAX_NAMED) break
    const family = findFamily(key, known.keys())
    const parameter = known.get(family?.name ?? key)
    if (parameter === undefined) {
      const message = unknownParameter(key, [...known.keys()])
      problems.push({ parameter: shorten(key), message })
    } else if (!isDecoded(given)) {
      problems.push({ parameter: shorten(key), message: 'must be UTF-8, percent-encoded' })
    } else if (family === undefined && isList(parameter)) {
      values[key] = given
    } else if (given.length > 1) {
      const message = `must be given once, not ${given.length} times`
      problems.push({ parameter: shorten(key), message })
    } else if (family === undefined) {
      values[key] = given[0] ?? ''
    } else {
      const ofFamily = (families[family.name] ??= [])
      ofFamily.push([family.rest, given[0] ?? ''])
    }
  }
  const parsed = parseFields(schema, { ...values, ...families })
  if (parsed.problems === undefined && problems.length === 0) return parsed.values
  // What could not be taken over is not missing.
  const unreadable = new Set(problems.map(({ parameter }) => parameter))
  for (const { field, message } of parsed.problems ?? []) {
    const parameter = shorten(field)
    if (!unreadable.has(parameter)) problems.push({ parameter, message })
  }
  throw invalidParameters(problems)
}

/** The family a key belongs to, and what it says behind the family's beginning. */
interface Family {
  readonly name: string
  readonly rest: string
}

function findFamily(key: string, known: Iterable<string>): Family | undefined {
  for (const name of known) {
    const [beginning = '', variable] = name.split('<')
    if (variable !== undefined && key.startsWith(beginning)) {
      return { name, rest: key.slice(beginning.length) }
    }
  }
  return undefined
}

/** Every key with all its values; undefined stands for one that cannot be decoded, or whose key cannot. */
function splitSearch(search: string): Map<string, (string | undefined)[]> {
  const split = new Map<string, (string | undefined)[]>()
  for (const pair of search.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const [key, value] =
      equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
    // A key that cannot be decoded is none there is: it is named as it was sent.
    const decoded = decode(key)
    const name = decoded ?? key
    const values = split.get(name) ?? []
    values.push(decoded === undefined ? undefined : decode(value))
    split.set(name, values)
  }
  return split
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function isDecoded(values: (string | undefined)[]): values is string[] {
  return !values.includes(undefined)
}

function shorten(name: string): string {
  return name.length <= MAX_SHOWN ? name : `${name.slice(0, MAX_SHOWN)}…`
}

function isList(parameter: z.core.$ZodType): boolean {
  return parameter instanceof z.ZodOptional
    ? isList(parameter.unwrap())
    : parameter instanceof z.ZodArray
}

function unknownParameter(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known)
  return nearest === undefined
    ? 'is not a parameter of this endpoint'
    : `is not a parameter of this endpoint; did you mean ${nearest}?`
}
