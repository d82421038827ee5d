import { TurnlogError } from '../errors.js'

/** A value that could change without becoming another one, kept as its JSON text. */
class Composite {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A value as it was at a moment; see {@link keepValue}. */
export type KeptValue = unknown

/**
 * Keeps a value as it is now.
 *
 * @param what it is, for the error
 * @throws TurnlogError SIMULATION_INVALID for a value JSON cannot hold
 */
export function keepValue(value: unknown, what: () => string): KeptValue {
  if (typeof value === 'bigint' || typeof value === 'symbol') {
    throw cannotKeep(what(), `it is a ${typeof value}`)
  }
  if (typeof value !== 'object' || value === null) return value
  // As JSON they would be empty, without a word.
  if (value instanceof Map || value instanceof Set) throw cannotKeep(what(), 'it is a Map or a Set')
  try {
    // Nothing, where a toJSON gives nothing.
    const text: unknown = JSON.stringify(value)
    return typeof text === 'string' ? new Composite(text) : null
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw cannotKeep(what(), why, cause)
  }
}

/** The value as it was when it was kept; null for one that is not there. */
export function givenValue(kept: KeptValue): unknown {
  if (kept === undefined) return null
  return kept instanceof Composite ? (JSON.parse(kept.text) as unknown) : kept
}

/** Whether two kept values are written alike. */
export function isSameValue(before: KeptValue, after: KeptValue): boolean {
  if (before instanceof Composite && after instanceof Composite) return before.text === after.text
  // 0 and -0 are written alike, and NaN is no other value than NaN.
  return before === after || (Number.isNaN(before) && Number.isNaN(after))
}

function cannotKeep(what: string, why: string, cause?: unknown): TurnlogError {
  return new TurnlogError('SIMULATION_INVALID', {
    message: `record ${what}: it cannot be written as JSON: ${why}`,
    hint: 'keep what is not plain data out of `global` and `agents`, and out of decisions',
    cause,
  })
}
