import { MAX_DESCRIPTION_LENGTH } from '../event/event-schema.js'

/** What a thrown thing is recorded as. */
export interface ErrorDescription {
  /** Its code where it has one (`ETIMEDOUT`, `rate_limited`), else its name. */
  readonly type: string
  readonly message: string
}

/** Describes whatever was thrown, which need not be an error. */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { type: 'error', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return { type: code === '' ? 'error' : code, message: error.message }
}

/** Cuts a text to what a description holds, without cutting a character in two. */
export function shorten(text: string): string {
  const characters = Array.from(text.toWellFormed().slice(0, 2 * MAX_DESCRIPTION_LENGTH))
  if (characters.length <= MAX_DESCRIPTION_LENGTH) return text.toWellFormed()
  return `${characters
    .slice(0, MAX_DESCRIPTION_LENGTH - 1)
    .join('')
    .toWellFormed()}…`
}
