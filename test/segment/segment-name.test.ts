import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareSegmentNames, isSegmentName, sealedSegmentName } from '#src/segment/segment-name.js'

const AT = new Date('2025-10-04T14:23:45.999Z')

describe('the name of a sealed segment', () => {
  it('is the second it was sealed in, in UTC', () => {
    expect(sealedSegmentName(AT)).toBe('events_2025-10-04_14-23-45.jsonl')
    expect(sealedSegmentName(new Date('2025-10-04T23:59:59-05:00'))).toBe(
      'events_2025-10-05_04-59-59.jsonl',
    )
  })

  it('has a suffix where that name is taken', () => {
    expect(sealedSegmentName(AT, 1)).toBe('events_2025-10-04_14-23-45_0001.jsonl')
  })

  it('is the name of a segment', () => {
    expect(isSegmentName(sealedSegmentName(AT, 7))).toBe(true)
  })
})

describe('a segment', () => {
  it.each([
    'events.jsonl',
    'events_2025-10-04_14-23-45.jsonl',
    'events-old.jsonl',
    'events*.jsonl',
  ])('is called %s', (name) => {
    expect(isSegmentName(name)).toBe(true)
  })

  it.each([
    'event.jsonl',
    'Events.jsonl',
    'events.JSONL',
    'events.jsonl.gz',
    'events.json',
    '.events.jsonl',
    'old_events.jsonl',
    'eventsjsonl',
    '',
  ])('is not called %j', (name) => {
    expect(isSegmentName(name)).toBe(false)
  })
})

describe('the reading order of segments', () => {
  it('is that of their sealing, with the active one last', () => {
    const order = [
      'events_2025-10-04_14-23-44.jsonl',
      sealedSegmentName(AT),
      sealedSegmentName(AT, 1),
      sealedSegmentName(AT, 2),
      sealedSegmentName(AT, 10),
      sealedSegmentName(AT, 999),
      sealedSegmentName(AT, 1000),
      sealedSegmentName(AT, 9999),
      'events_2025-10-04_14-23-46.jsonl',
      'events.jsonl',
    ]
    expect([...order].reverse().sort(compareSegmentNames)).toEqual(order)
  })

  it('holds for names with microseconds, as llm-sim writes them', () => {
    const order = [
      'events_2026-11-23_07-40-23-114144.jsonl',
      'events_2026-11-23_07-40-23-188263.jsonl',
      'events_2026-11-23_07-40-24-000001.jsonl',
      'events.jsonl',
    ]
    expect([...order].reverse().sort(compareSegmentNames)).toEqual(order)
  })

  it('puts any two names one way round only', () => {
    const name = fc.string({ maxLength: 5 }).map((middle) => `events${middle}.jsonl`)
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(compareSegmentNames(a, b) + compareSegmentNames(b, a)).toBe(0)
        expect(compareSegmentNames(a, b) === 0).toBe(a === b)
      }),
    )
  })
})
