import { standsAt } from './json-scan.js'
import { formatTimestamp, isSafeSecond, parseTimestamp, type TimestampMicros } from './timestamp.js'

/** Bytes of what stands before the point. */
const SECOND_LENGTH = 19
const FRACTION_END = 26
const ZERO = 0x30

/**
 * Reads timestamps where they stand in bytes, spelled as `formatTimestamp`
 * spells them. Neighbouring events share their second, so all but the fraction
 * is mostly known already.
 */
export class CanonicalTimestampReader {
  /** Bytes of `2025-10-04T14:23:45.123456+00:00`. */
  static readonly LENGTH = 32

  #second: Uint8Array = new Uint8Array()
  #secondMicros = 0

  /** @returns undefined for any other spelling, and for what is no timestamp */
  read(bytes: Uint8Array, at: number): TimestampMicros | undefined {
    const isKnown = this.#second.length > 0 && standsAt(bytes, at, this.#second)
    return isKnown ? this.#readFraction(bytes, at) : this.#readWhole(bytes, at)
  }

  #readFraction(bytes: Uint8Array, at: number): TimestampMicros | undefined {
    let fraction = 0
    for (let index = at + SECOND_LENGTH + 1; index < at + FRACTION_END; index++) {
      const digit = (bytes[index] ?? 0) - ZERO
      if (!(digit >= 0 && digit <= 9)) return undefined
      fraction = fraction * 10 + digit
    }
    const isWhole =
      standsAt(bytes, at + SECOND_LENGTH, POINT) && standsAt(bytes, at + FRACTION_END, UTC)
    return isWhole ? ((this.#secondMicros + fraction) as TimestampMicros) : undefined
  }

  #readWhole(bytes: Uint8Array, at: number): TimestampMicros | undefined {
    const end = at + CanonicalTimestampReader.LENGTH
    const text = Buffer.from(bytes.subarray(at, end)).toString('latin1')
    const timestamp = parseTimestamp(text)
    if (timestamp === undefined || formatTimestamp(timestamp) !== text) return undefined
    const secondMicros = timestamp - Number(text.slice(SECOND_LENGTH + 1, FRACTION_END))
    if (isSafeSecond(secondMicros)) {
      this.#second = Uint8Array.from(bytes.subarray(at, at + SECOND_LENGTH))
      this.#secondMicros = secondMicros
    }
    return timestamp
  }
}

const POINT = Uint8Array.of(0x2e)
const UTC = Uint8Array.from(Buffer.from('+00:00'))
