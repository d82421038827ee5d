/** An instant: whole microseconds since 1970-01-01T00:00:00Z. */
export type TimestampMicros = number & { readonly __unit: 'microseconds since 1970' }

const MICROS_PER_SECOND = 1_000_000
const CANONICAL_LENGTH = '2025-10-04T14:23:45.123456+00:00'.length

/** ISO 8601 with a time; a fraction of any length, and `Z`, an offset or no zone at all. */
const ISO_TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)?$/

/**
 * Reads a timestamp: `Z`, any offset, no zone (taken as UTC), no fraction, or
 * more than six digits (cut to microseconds).
 *
 * @returns the instant, or undefined for anything that is no such timestamp or
 *   lies outside what a double counts exactly in microseconds (years 1685–2254)
 */
export function parseTimestamp(text: string): TimestampMicros | undefined {
  const match = ISO_TIMESTAMP.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHours, offsetMinutes] =
    match
  const seconds = secondsOf(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  if (seconds === undefined) return undefined
  const ahead = Number(offsetHours ?? 0) * 3600 + Number(offsetMinutes ?? 0) * 60
  if (ahead >= 24 * 3600 || Number(offsetMinutes ?? 0) > 59) return undefined
  const offset = sign === '-' ? -ahead : ahead
  const fractionMicros = Number((fraction ?? '').slice(0, 6).padEnd(6, '0'))
  const micros = (seconds - offset) * MICROS_PER_SECOND + fractionMicros
  return Number.isSafeInteger(micros) ? (micros as TimestampMicros) : undefined
}

function secondsOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return date.getTime() / 1000 + hour * 3600 + minute * 60 + second
}

/**
 * Spells an instant the way turnlog writes it,
 * `2025-10-04T14:23:45.123456+00:00`: sorting the text sorts the instants.
 */
export function formatTimestamp(micros: TimestampMicros): string {
  const seconds = Math.floor(micros / MICROS_PER_SECOND)
  const fraction = micros - seconds * MICROS_PER_SECOND
  return `${secondsText(seconds)}.${fraction.toString().padStart(6, '0')}+00:00`
}

let lastSeconds = Number.NaN
let lastSecondsText = ''

/** Neighbouring events share their second, so the last one spelled is kept. */
function secondsText(seconds: number): string {
  if (seconds !== lastSeconds) {
    lastSeconds = seconds
    lastSecondsText = new Date(seconds * 1000).toISOString().slice(0, 19)
  }
  return lastSecondsText
}

/** Whether a text is exactly what {@link formatTimestamp} makes of this instant. */
export function isCanonicalTimestamp(text: string, micros: TimestampMicros): boolean {
  return text.length === CANONICAL_LENGTH && text === formatTimestamp(micros)
}

/** Tells the time in microseconds; never the same instant twice, and never backwards. */
export type Clock = () => TimestampMicros

/** How far the fine clock may stray from the system's before it is set anew, in milliseconds. */
const MAX_DRIFT_MS = 1_000

/**
 * A clock of microsecond resolution on top of the system's millisecond one.
 * It follows the system clock when that is set or the machine slept, and hands
 * out strictly growing instants, so events sort in the order they were made.
 */
export function createClock(
  systemMillis: () => number = Date.now,
  monotonicMillis: () => number = () => performance.now(),
): Clock {
  let origin = systemMillis() - monotonicMillis()
  let last = 0
  return () => {
    let millis = origin + monotonicMillis()
    const system = systemMillis()
    if (Math.abs(system - millis) > MAX_DRIFT_MS) {
      origin += system - millis
      millis = system
    }
    last = Math.max(last + 1, Math.floor(millis * 1000))
    return last as TimestampMicros
  }
}
