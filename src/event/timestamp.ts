/** An instant: whole microseconds since 1970-01-01T00:00:00Z. */
export type TimestampMicros = number & { readonly __unit: 'microseconds since 1970' }

const MICROS_PER_SECOND = 1_000_000
/** Of `2025-10-04T14:23:45.123456+00:00`, and of what stands before its point. */
const CANONICAL_LENGTH = 32
const SECOND_LENGTH = 19

/** ISO 8601 with a time; a fraction of any length, and `Z`, an offset or no zone at all. */
const ISO_TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?)?$/

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
  const [, year, month, day, hour, minute, second, fraction, sign, ...offset] = match
  const midnight = secondsAtMidnight(Number(year), Number(month), Number(day))
  const time = secondsOfDay(hour, minute, second)
  const ahead = secondsOfDay(...offset)
  if (midnight === undefined || time === undefined || ahead === undefined) return undefined
  const seconds = midnight + time - (sign === '-' ? -ahead : ahead)
  const fractionMicros = Number((fraction ?? '').slice(0, 6).padEnd(6, '0'))
  const micros = seconds * MICROS_PER_SECOND + fractionMicros
  return Number.isSafeInteger(micros) ? (micros as TimestampMicros) : undefined
}

function secondsAtMidnight(year: number, month: number, day: number): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return exists ? date.getTime() / 1000 : undefined
}

function secondsOfDay(hour = '0', minute = '0', second = '0'): number | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  return Number(hour) * 3600 + Number(minute) * 60 + Number(second)
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

let lastCanonicalSecond = '\0'

/** Whether a text spells its instant exactly as {@link formatTimestamp} does. */
export function isCanonicalTimestamp(text: string): boolean {
  if (text.length !== CANONICAL_LENGTH) return false
  // Neighbouring events share their second, so most of the work is done already.
  if (text.startsWith(lastCanonicalSecond)) return hasCanonicalFraction(text)
  const micros = parseTimestamp(text)
  if (micros === undefined || formatTimestamp(micros) !== text) return false
  const secondMicros = Math.floor(micros / MICROS_PER_SECOND) * MICROS_PER_SECOND
  if (isSafeSecond(secondMicros)) lastCanonicalSecond = text.slice(0, SECOND_LENGTH)
  return true
}

/** Whether every instant of a second is one that a double counts exactly. */
export function isSafeSecond(startMicros: number): boolean {
  return (
    Number.isSafeInteger(startMicros) && Number.isSafeInteger(startMicros + MICROS_PER_SECOND - 1)
  )
}

/** Whether behind the second there are a point, six digits and `+00:00`. */
function hasCanonicalFraction(text: string): boolean {
  if (!text.endsWith('+00:00') || text[SECOND_LENGTH] !== '.') return false
  for (let index = SECOND_LENGTH + 1; index < SECOND_LENGTH + 7; index++) {
    const digit = text.charCodeAt(index) - 0x30
    if (!(digit >= 0 && digit <= 9)) return false
  }
  return true
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
