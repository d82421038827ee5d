import { describe, expect, it } from 'vitest'
import {
  EVENT_TYPES,
  eventTypeCode,
  eventTypeOfCode,
  KIND_KEYS,
  RECORDED_EVENT_TYPES,
  spellingsOf,
} from '#src/event/event-type.js'

describe('event types', () => {
  it('are the six, and ENV on lines of other writers', () => {
    expect(EVENT_TYPES).toEqual(['MILESTONE', 'DECISION', 'ACTION', 'STATE', 'DETAIL', 'SYSTEM'])
    expect(RECORDED_EVENT_TYPES).toEqual([...EVENT_TYPES, 'ENV'])
  })

  it('have codes that lead back to them and never change', () => {
    const codes = RECORDED_EVENT_TYPES.map(eventTypeCode)
    expect(codes).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(codes.map((code) => eventTypeOfCode(code ?? 0))).toEqual(RECORDED_EVENT_TYPES)
  })

  it.each(['', 'state', ' STATE', 'constructor'])('have no code for %j', (word) => {
    expect(eventTypeCode(word)).toBeUndefined()
  })

  it.each([0, 8, -1, 1.5, NaN])('have no word for the code %d', (code) => {
    expect(() => eventTypeOfCode(code)).toThrow(RangeError)
  })

  it('are found under either name where they have two', () => {
    expect(spellingsOf('STATE')).toEqual(['STATE', 'ENV'])
    expect(spellingsOf('ENV')).toEqual(['STATE', 'ENV'])
    expect(spellingsOf('ACTION')).toEqual(['ACTION'])
  })

  it('each have a word of their own within details', () => {
    expect(Object.keys(KIND_KEYS).sort()).toEqual([...RECORDED_EVENT_TYPES].sort())
  })
})
