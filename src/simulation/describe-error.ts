import { inspect } from 'node:util'
import { MAX_DESCRIPTION_LENGTH } from '../event/event-schema.js'

/** What a thrown thing is recorded as. */
export interface ErrorDescription {
  /** Its code where it has one (`ETIMEDOUT`, `rate_limited`), else its name. */
  readonly type: string
  readonly message: string
}

/** Describes whatever was thrown, which need not be an error. */
export function describeError(error: unknown): ErrorDescription {
  try {
    if (!(error instanceof Error)) return { type: 'error', message: spell(error) }
    const words: readonly unknown[] = [
      'code' in error ? error.code : undefined,
      error.name,
      'error',
    ]
    const type = words.find((word) => typeof word === 'string' && word !== '')
    return { type: spell(type), message: spell(error.message) }
  } catch {
    return { type: 'error', message: 'something that cannot be looked at' }
  }
}

function spell(value: unknown): string {
  return (typeof value === 'string' ? value : inspect(value, { depth: 1 })).toWellFormed()
}

/** Cuts a text to what a description holds, without cutting a character in two. */
export function shorten(text: string): string {
  const characters = Array.from(text.toWellFormed().slice(0, 2 * MAX_DESCRIPTION_LENGTH + 2))
  if (characters.length <= MAX_DESCRIPTION_LENGTH) return text.toWellFormed()
  return `${characters
    .slice(0, MAX_DESCRIPTION_LENGTH - 1)
    .join('')
    .toWellFormed()}…`
}
