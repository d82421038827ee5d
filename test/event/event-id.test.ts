import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeTime } from 'ulid'
import { createEventIdSource } from '#src/event/event-id.js'
import type { TimestampMicros } from '#src/event/timestamp.js'

function micros(value: number): TimestampMicros {
  return value as TimestampMicros
}

describe('an event id source', () => {
  it('makes ULIDs that carry the millisecond', () => {
    const id = createEventIdSource()(micros(1_759_587_825_123_456))
    expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/)
    expect(decodeTime(id)).toBe(1_759_587_825_123)
  })

  it('makes growing ids for instants that do not go backwards', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 2, maxLength: 50 })
    fc.assert(
      fc.property(steps, (gaps) => {
        const next = createEventIdSource()
        let at = 1_759_587_825_123_456
        const ids = gaps.map((gap) => next(micros((at += gap))))
        expect(ids).toEqual([...new Set(ids)].sort())
      }),
    )
  })

  it('keeps growing when an instant lies before the last', () => {
    const next = createEventIdSource()
    const first = next(micros(1_759_587_825_123_456))
    expect(next(micros(1_000_000)) > first).toBe(true)
  })

  it('makes other ids than another source at the same instant', () => {
    const at = micros(1_759_587_825_123_456)
    expect(createEventIdSource()(at)).not.toBe(createEventIdSource()(at))
  })
})
