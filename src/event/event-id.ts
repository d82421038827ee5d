import { randomFillSync } from 'node:crypto'
import { incrementBase32, monotonicFactory } from 'ulid'
import type { TimestampMicros } from './timestamp.js'

/** Identifies an event within its simulation; turnlog writes ULIDs (https://github.com/ulid/spec). */
export type EventId = string

/** Makes ids that sort in the order they were made, within one process. */
export type EventIdSource = (at: TimestampMicros) => EventId

const BASE32 = Array.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ')
/** The last two characters an id can have, in their order. */
const ENDINGS = BASE32.flatMap((first) => BASE32.map((second) => first + second))
const ENDING_LENGTH = 2
const TIME_LENGTH = 10
const ULID_LENGTH = 26
/** The greatest first character, since a ULID has 128 bits and 26 characters could hold 130. */
const LAST_FIRST_DIGIT = 0x37
/** Random bytes fetched from the system at a time: it takes its time for each call. */
const RANDOM_BYTES = 4096

const isDigit = new Uint8Array(128)
for (const digit of BASE32) isDigit[digit.charCodeAt(0)] = 1

/**
 * A source of monotonic ULIDs: 26 characters of Crockford base32, the time in
 * the first ten. Within a millisecond each id is the one before it plus 1, which
 * for most of them means another ending.
 */
export function createEventIdSource(): EventIdSource {
  const create = monotonicFactory(createRandomSource())
  let lastMillis = -Infinity
  let beginning = ''
  let ending = 0
  return (at) => {
    const millis = Math.floor(at / 1000)
    if (millis > lastMillis) {
      lastMillis = millis
      const id = create(millis)
      beginning = id.slice(0, -ENDING_LENGTH)
      ending = ENDINGS.indexOf(id.slice(-ENDING_LENGTH))
      return id
    }
    if (++ending === ENDINGS.length) {
      ending = 0
      const random = incrementBase32(beginning.slice(TIME_LENGTH))
      beginning = beginning.slice(0, TIME_LENGTH) + random
    }
    return beginning + (ENDINGS[ending] ?? '')
  }
}

/** Gives cryptographically random numbers from 0 up to 1 in steps of 1/256: eight steps to a digit. */
function createRandomSource(): () => number {
  const bytes = new Uint8Array(RANDOM_BYTES)
  let used = bytes.length
  return () => {
    if (used === bytes.length) {
      randomFillSync(bytes)
      used = 0
    }
    return (bytes[used++] ?? 0) / 256
  }
}

/** Whether a value is 26 characters of Crockford base32 that make 128 bits. */
export function isUlid(value: unknown): value is EventId {
  if (typeof value !== 'string' || value.length !== ULID_LENGTH) return false
  if (value.charCodeAt(0) > LAST_FIRST_DIGIT) return false
  for (let index = 0; index < ULID_LENGTH; index++) {
    if (isDigit[value.charCodeAt(index)] !== 1) return false
  }
  return true
}
