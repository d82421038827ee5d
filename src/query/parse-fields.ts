import type { z } from 'zod'

/** What is wrong with a field, and with which of its values where there are several. */
export interface FieldProblem {
  readonly field: string
  /** As it was given; undefined where that was no text. */
  readonly value?: string | undefined
  readonly message: string
}

/** What fields came to, or what is wrong with them. */
export type ParsedFields<T> =
  | { readonly values: T; readonly problems?: undefined }
  | { readonly problems: readonly FieldProblem[] }

/**
 * Reads fields that were given as texts.
 *
 * @returns what the schema makes of them, or every field that is wrong: of a family like
 *   `details.<path>` under its own name, `details.amount`
 */
export function parseFields<S extends z.ZodObject>(
  schema: S,
  given: Readonly<Record<string, unknown>>,
): ParsedFields<z.infer<S>> {
  const parsed = schema.safeParse(given)
  if (parsed.success) return { values: parsed.data }
  const problems: FieldProblem[] = []
  for (const { path, message } of parsed.error.issues) {
    // What is wrong with one of a family is said of its own name, behind the family's.
    const field = path.findLast((step) => typeof step === 'string') ?? ''
    // Of a list, several values can be wrong in the same way.
    const isSaid = problems.some((said) => said.field === field && said.message === message)
    if (!isSaid) problems.push({ field, value: valueAt(given, path), message })
  }
  return { problems }
}

function valueAt(given: unknown, path: readonly PropertyKey[]): string | undefined {
  let value = given
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.entries(value).find(([key]) => key === String(step))?.[1]
  }
  return typeof value === 'string' ? value : undefined
}
