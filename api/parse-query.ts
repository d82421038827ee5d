import { z } from 'zod'
import { invalidParameters, type ProblemDetail } from './problem.js'

/**
 * Reads query parameters. Keys whose schema is an array may be repeated, others not.
 *
 * @throws ApiError 422 INVALID_PARAMETER naming every parameter that is wrong or unknown
 */
export function parseQuery<S extends z.ZodObject>(schema: S, search: URLSearchParams): z.infer<S> {
  const problems: ProblemDetail[] = []
  const values: Record<string, string | string[]> = {}
  const known = new Map(Object.entries<z.core.$ZodType>(schema.shape))
  for (const key of new Set(search.keys())) {
    const parameter = known.get(key)
    const given = search.getAll(key)
    if (parameter === undefined) {
      problems.push({ parameter: key, message: unknownParameter(key, [...known.keys()]) })
    } else if (isList(parameter)) {
      values[key] = given
    } else if (given.length > 1) {
      problems.push({ parameter: key, message: `must be given once, not ${given.length} times` })
    } else {
      values[key] = given[0] ?? ''
    }
  }
  const parsed = schema.safeParse(values)
  if (parsed.success && problems.length === 0) return parsed.data
  for (const { path, message } of parsed.error?.issues ?? []) {
    const parameter = String(path[0] ?? '')
    // Of a list, several values can be wrong in the same way.
    const isSaid = problems.some((said) => said.parameter === parameter && said.message === message)
    if (!isSaid) problems.push({ parameter, message })
  }
  throw invalidParameters(problems)
}

function isList(parameter: z.core.$ZodType): boolean {
  return parameter instanceof z.ZodOptional
    ? isList(parameter.unwrap())
    : parameter instanceof z.ZodArray
}

function unknownParameter(key: string, known: readonly string[]): string {
  const [nearest] = known
    .map((name) => ({ name, distance: editDistance(key.slice(0, MAX_COMPARED), name) }))
    .filter(({ name, distance }) => distance <= name.length / 2)
    .sort((a, b) => a.distance - b.distance)
  return nearest === undefined
    ? 'is not a parameter of this endpoint'
    : `is not a parameter of this endpoint; did you mean ${nearest.name}?`
}

const MAX_COMPARED = 50

/** How many characters must be put in, left out or replaced to turn one word into the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
