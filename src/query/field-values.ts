import { z } from 'zod'
import { parseTimestamp } from '../event/timestamp.js'

/** Which numbers a field may be. */
export interface Range {
  readonly minimum: number
  readonly maximum: number
}

/** Every whole number that JavaScript counts exactly. */
export const ANY_COUNT: Range = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }

/** A whole number in decimal digits; nothing JavaScript would also take for one. */
export function integer(range: Range, description: string) {
  const { minimum, maximum } = range
  return z
    .string()
    .refine(
      (text) => /^\d{1,16}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum,
      {
        error: `must be a whole number from ${minimum} to ${maximum}`,
      },
    )
    .transform(Number)
    .meta({ description, type: 'integer', minimum, maximum })
}

/** An {@link integer} that need not be given. */
export function integerOr(fallback: number, range: Range, description: string) {
  const given = integer(range, description)
  return given.default(fallback).meta({ ...given.meta(), default: fallback })
}

/** A point in time; what it comes to is microseconds. */
export function instant(description: string) {
  return z
    .string()
    .transform((text, context) => {
      // A "+" that was not encoded arrives as a space; where an offset stands it can mean nothing else.
      const micros = parseTimestamp(text) ?? parseTimestamp(text.replace(/ (?=[^ ]*$)/, '+'))
      if (micros !== undefined) return micros
      context.addIssue({
        code: 'custom',
        message: 'must be an ISO 8601 date and time, like 2025-10-04T14:23:45.123456+00:00',
      })
      return z.NEVER
    })
    .meta({ description, type: 'string', format: 'date-time' })
}

/** A name as an event has it. */
export const name = z
  .string()
  .min(1, { error: 'must not be empty' })
  .refine((text) => !text.includes('\0'), { error: 'must not hold a NUL character' })
