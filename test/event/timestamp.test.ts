import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createClock,
  formatTimestamp,
  isCanonicalTimestamp,
  parseTimestamp,
  type TimestampMicros,
} from '#src/event/timestamp.js'

/** Any instant a timestamp can say. */
const instants = fc.maxSafeInteger().map((micros) => micros as TimestampMicros)

/** The instant, spelled the one way that is easy to compare. */
function reading(text: string): string | undefined {
  const micros = parseTimestamp(text)
  return micros === undefined ? undefined : formatTimestamp(micros)
}

describe('parseTimestamp', () => {
  it('counts whole microseconds since 1970', () => {
    expect(parseTimestamp('1970-01-01T00:00:00.000000+00:00')).toBe(0)
    expect(parseTimestamp('1970-01-01T00:00:01.000002+00:00')).toBe(1_000_002)
    expect(parseTimestamp('1969-12-31T23:59:59.999999+00:00')).toBe(-1)
    expect(parseTimestamp('2025-10-04T14:23:45.123456+00:00')).toBe(1_759_587_825_123_456)
  })

  it.each([
    ['2025-10-04T14:23:45.123456Z', '2025-10-04T14:23:45.123456+00:00'],
    ['2025-10-04t14:23:45.123456z', '2025-10-04T14:23:45.123456+00:00'],
    ['2025-10-04 14:23:45.123456', '2025-10-04T14:23:45.123456+00:00'],
    ['2025-10-04T14:23:45', '2025-10-04T14:23:45.000000+00:00'],
    ['2025-10-04T14:23:45Z', '2025-10-04T14:23:45.000000+00:00'],
    ['2025-10-04T14:23:45.5Z', '2025-10-04T14:23:45.500000+00:00'],
    ['2025-10-04T14:23:45.123Z', '2025-10-04T14:23:45.123000+00:00'],
    ['2025-10-04T14:23:45.000001Z', '2025-10-04T14:23:45.000001+00:00'],
    ['2025-10-04T14:23:45.1234569Z', '2025-10-04T14:23:45.123456+00:00'],
    ['2025-10-04T14:23:45.123456789123456789Z', '2025-10-04T14:23:45.123456+00:00'],
    ['1969-12-31T23:59:59.9999999Z', '1969-12-31T23:59:59.999999+00:00'],
    ['2025-10-04T16:23:45.123456+02:00', '2025-10-04T14:23:45.123456+00:00'],
    ['2025-10-04T16:23:45.123456+0200', '2025-10-04T14:23:45.123456+00:00'],
    ['2025-10-04T16:23:45.123456+02', '2025-10-04T14:23:45.123456+00:00'],
    ['2025-10-04T08:53:45.123456-05:30', '2025-10-04T14:23:45.123456+00:00'],
    ['2025-10-05T14:22:45.123456+23:59', '2025-10-04T14:23:45.123456+00:00'],
    ['2025-10-04T14:23:45.123456-00:00', '2025-10-04T14:23:45.123456+00:00'],
    ['1880-06-01T12:53:28+00:53:28', '1880-06-01T12:00:00.000000+00:00'],
    ['2026-01-01T00:30:00+01:00', '2025-12-31T23:30:00.000000+00:00'],
  ])('reads %s as %s', (text, instant) => {
    expect(reading(text)).toBe(instant)
  })

  it('knows leap days', () => {
    expect(reading('2024-02-29T00:00:00Z')).toBe('2024-02-29T00:00:00.000000+00:00')
    expect(reading('2000-02-29T00:00:00Z')).toBe('2000-02-29T00:00:00.000000+00:00')
    expect(reading('2025-02-29T00:00:00Z')).toBeUndefined()
    expect(reading('1900-02-29T00:00:00Z')).toBeUndefined()
  })

  it('reads the years 1685 to 2254 and no farther than a double counts exactly', () => {
    expect(reading('1685-01-01T00:00:00Z')).toBe('1685-01-01T00:00:00.000000+00:00')
    expect(reading('2254-12-31T23:59:59.999999Z')).toBe('2254-12-31T23:59:59.999999+00:00')
    expect(parseTimestamp('2255-06-05T23:47:34.740991Z')).toBe(Number.MAX_SAFE_INTEGER)
    expect(parseTimestamp('2255-06-05T23:47:34.740992Z')).toBeUndefined()
    expect(parseTimestamp('1684-07-28T00:12:25.259009Z')).toBe(Number.MIN_SAFE_INTEGER)
    expect(parseTimestamp('1684-07-28T00:12:25.259008Z')).toBeUndefined()
  })

  it.each([
    '',
    'now',
    '2025-10-04',
    '2025-10-04T14:23Z',
    '2025-10-04T14:23:45.Z',
    '2025-10-04T14:23:45,5Z',
    '2025-10-04T14:23:45 Z',
    ' 2025-10-04T14:23:45Z',
    '2025-10-04T14:23:45Z\n',
    '2025-10-04T14:23:45UTC',
    '2025-10-04T24:00:00Z',
    '2025-10-04T14:60:00Z',
    '2025-10-04T14:23:60Z',
    '2025-00-04T14:23:45Z',
    '2025-13-04T14:23:45Z',
    '2025-10-00T14:23:45Z',
    '2025-10-32T14:23:45Z',
    '2025-04-31T14:23:45Z',
    '2025-10-04T14:23:45+24:00',
    '2025-10-04T14:23:45+01:60',
    '2025-10-04T14:23:45+01:00:60',
    '2025-10-04T14:23:45+1:00',
    '2025-10-04T14:23:45Z+01:00',
    '+2025-10-04T14:23:45Z',
    '-2025-10-04T14:23:45Z',
    '0000-01-01T00:00:00Z',
    '0099-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '２０２５-10-04T14:23:45Z',
    '1759587825',
  ])('refuses %j', (text) => {
    expect(parseTimestamp(text)).toBeUndefined()
  })

  it('takes off any offset', () => {
    const offsets = fc.integer({ min: -(24 * 60 - 1), max: 24 * 60 - 1 })
    const middle = fc.integer({ min: -8e15, max: 8e15 })
    fc.assert(
      fc.property(middle, offsets, (micros, minutes) => {
        const local = formatTimestamp((micros + minutes * 60_000_000) as TimestampMicros)
        const ahead = Math.abs(minutes)
        const hh = String(Math.floor(ahead / 60)).padStart(2, '0')
        const mm = String(ahead % 60).padStart(2, '0')
        const text = local.replace('+00:00', `${minutes < 0 ? '-' : '+'}${hh}:${mm}`)
        expect(parseTimestamp(text)).toBe(micros)
      }),
    )
  })
})

describe('formatTimestamp', () => {
  it('is undone by parseTimestamp, for every instant there is', () => {
    fc.assert(
      fc.property(instants, (micros) => {
        expect(parseTimestamp(formatTimestamp(micros))).toBe(micros)
      }),
    )
  })

  it('sorts as text the way it sorts in time', () => {
    fc.assert(
      fc.property(instants, instants, (a, b) => {
        expect(formatTimestamp(a) < formatTimestamp(b)).toBe(a < b)
      }),
    )
  })
})

describe('isCanonicalTimestamp', () => {
  it('knows the one spelling turnlog writes', () => {
    fc.assert(
      fc.property(instants, (micros) => {
        expect(isCanonicalTimestamp(formatTimestamp(micros))).toBe(true)
      }),
    )
    expect(isCanonicalTimestamp('2025-10-04T14:23:45.123456Z')).toBe(false)
    expect(isCanonicalTimestamp('2025-10-04T14:23:45.123+00:00')).toBe(false)
    expect(isCanonicalTimestamp('2025-10-04T14:23:45.123456-00:00')).toBe(false)
    expect(isCanonicalTimestamp('2025-02-30T14:23:45.123456+00:00')).toBe(false)
  })
})

/** A clock over hands that a test turns. */
function clockOver(start: number) {
  const hands = { system: start, monotonic: 5_000 }
  const clock = createClock(
    () => Math.floor(hands.system),
    () => hands.monotonic,
  )
  return {
    clock,
    /** Time goes by, as both clocks see it. */
    pass: (millis: number) => {
      hands.system += millis
      hands.monotonic += millis
    },
    /** Somebody sets the system clock, or the machine slept and only that clock went on. */
    set: (millis: number) => {
      hands.system += millis
    },
  }
}

const START = Date.UTC(2025, 9, 4)

describe('a clock', () => {
  it('tells the system time, finer than a millisecond', () => {
    const { clock, pass } = clockOver(START)
    expect(clock()).toBe(START * 1000)
    pass(0.25)
    expect(clock()).toBe(START * 1000 + 250)
  })

  it('never tells the same instant twice', () => {
    const { clock } = clockOver(START)
    expect([clock(), clock(), clock()]).toEqual([0, 1, 2].map((step) => START * 1000 + step))
  })

  it('follows the system clock when it is set forwards', () => {
    const { clock, pass, set } = clockOver(START)
    clock()
    set(3_600_000)
    expect(clock()).toBe((START + 3_600_000) * 1000)
    pass(0.25)
    expect(clock()).toBe((START + 3_600_000) * 1000 + 250)
  })

  it('follows the system clock after the machine slept', () => {
    const { clock, pass, set } = clockOver(START)
    clock()
    set(8 * 3_600_000)
    pass(1)
    expect(clock()).toBe((START + 8 * 3_600_000 + 1) * 1000)
  })

  it('stands almost still when the system clock is set backwards, until that catches up', () => {
    const { clock, pass, set } = clockOver(START)
    const before = clock()
    set(-60_000)
    expect(clock()).toBe(before + 1)
    pass(30_000)
    expect(clock()).toBe(before + 2)
    pass(30_001)
    expect(clock()).toBe((START + 1) * 1000)
  })

  it('keeps to its own pace while the system clock wobbles by less than a second', () => {
    const { clock, pass, set } = clockOver(START)
    clock()
    set(900)
    pass(10)
    expect(clock()).toBe((START + 10) * 1000)
    set(-1_500)
    pass(10)
    expect(clock()).toBe((START + 20) * 1000)
  })

  it('grows strictly, whatever happens to the system clock', () => {
    const step = fc.record({
      by: fc.integer({ min: -5_000, max: 5_000 }),
      passed: fc.double({ min: 0, max: 2_000, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const { clock, pass, set } = clockOver(START)
        let last = clock()
        for (const { by, passed } of steps) {
          set(by)
          pass(passed)
          const next = clock()
          expect(next).toBeGreaterThan(last)
          expect(Number.isSafeInteger(next)).toBe(true)
          last = next
        }
      }),
    )
  })

  it('runs on the real clocks by default', () => {
    const [first, second] = ((clock) => [clock(), clock()] as const)(createClock())
    expect(second).toBeGreaterThan(first)
    expect(reading(formatTimestamp(first))).toBe(formatTimestamp(first))
  })
})
