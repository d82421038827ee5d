import { z } from 'zod'
import { parseTimestamp } from '../src/event/timestamp.js'

/** The most events in one answer. */
export const MAX_EVENTS = 10_000

/** Which numbers a parameter may be. */
export interface Range {
  readonly minimum: number
  readonly maximum: number
}

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

/** The run in a path. */
export const simulationParameters = z.object({
  simulation_id: z.string().meta({ description: "The run: its directory's name." }),
})

/** The event in a path. */
export const eventParameters = simulationParameters.extend({
  event_id: z.string().meta({ description: 'The event within the run.' }),
})

/** For what takes no parameters. */
export const noQuery = z.strictObject({})
