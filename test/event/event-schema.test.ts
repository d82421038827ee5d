import { describe, expect, it } from 'vitest'
import { eventSchema } from '#src/event/event-schema.js'
import { validateEvent } from '#src/event/validate-event.js'

const milestone = {
  event_id: '01K6QSPYQQECAPQKQSZ39S9QG5',
  timestamp: '2025-10-04T14:23:45.123456+00:00',
  turn_number: 0,
  event_type: 'MILESTONE',
  simulation_id: 'market-1',
  details: { milestone_type: 'simulation_start' },
}
const state = {
  ...milestone,
  event_type: 'STATE',
  details: { variable_name: 'rain', old_value: null, new_value: 1 },
}

/** The fields the schema finds fault with. */
function faults(event: object): string[] {
  return eventSchema.safeParse(event).error?.issues.map(({ path }) => path.join('.')) ?? []
}

describe('the event schema', () => {
  it('accepts an event as the builders make it', () => {
    expect(faults(milestone)).toEqual([])
    expect(faults(state)).toEqual([])
  })

  it.each([
    ['a word that is no type', { ...milestone, event_type: 'PARTY' }, 'event_type'],
    ['the foreign name of STATE', { ...state, event_type: 'ENV' }, 'event_type'],
    ['no type', { ...milestone, event_type: undefined }, 'event_type'],
    ['an id that is no ULID', { ...milestone, event_id: 'event-1' }, 'event_id'],
    ['an id of more than 128 bits', { ...milestone, event_id: '8'.padEnd(26, '0') }, 'event_id'],
    [
      'an id in lower case',
      { ...milestone, event_id: milestone.event_id.toLowerCase() },
      'event_id',
    ],
    ['no id', { ...milestone, event_id: undefined }, 'event_id'],
    ['an empty cause', { ...milestone, caused_by: [''] }, 'caused_by.0'],
    ['null for an absent description', { ...milestone, description: null }, 'description'],
    ['details that are a list', { ...milestone, details: [] }, 'details'],
    ['no details', { ...milestone, details: undefined }, 'details'],
    ['a turn beyond 2^53', { ...milestone, turn_number: 2 ** 53 }, 'turn_number'],
    ['a turn that is a text', { ...milestone, turn_number: '0' }, 'turn_number'],
    [
      'a state without its old value',
      { ...state, details: { variable_name: 'rain', new_value: 1 } },
      'details.old_value',
    ],
    [
      'a state whose new value is undefined',
      { ...state, details: { ...state.details, new_value: undefined } },
      'details.new_value',
    ],
    [
      'a state whose new value JSON has no word for',
      { ...state, details: { ...state.details, new_value: () => 1 } },
      'details.new_value',
    ],
  ])('refuses %s', (_, event, field) => {
    expect(faults(event)).toEqual([field])
  })

  it.each([
    '2025-10-04T14:23:45.123456Z',
    '2025-10-04T14:23:45.123+00:00',
    '2025-10-04T16:23:45.123456+02:00',
    '2025-10-04 14:23:45.123456+00:00',
    '2025-10-04T14:23:45.123456',
    '2025-02-30T14:23:45.123456+00:00',
    'yesterday',
  ])('refuses the timestamp %s, which readers take or reject but writers never write', (text) => {
    expect(faults({ ...milestone, timestamp: text })).toEqual(['timestamp'])
  })

  it.each(['MILESTONE', 'SYSTEM'])('refuses an agent on a %s, even an undefined one', (type) => {
    const event = {
      ...milestone,
      event_type: type,
      details: { milestone_type: 'turn_end', status: 'success' },
    }
    expect(faults(event)).toEqual([])
    for (const agent of ['anna', null, undefined]) {
      expect(faults({ ...event, agent_id: agent })).toEqual([''])
    }
  })

  it('refuses keys the table does not have, but keeps those within details', () => {
    expect(faults({ ...milestone, mood: 'calm' })).toEqual([''])
    expect(faults({ ...milestone, details: { ...milestone.details, mood: 'calm' } })).toEqual([])
  })

  it('counts the characters of a description, not its bytes or UTF-16 units', () => {
    expect(faults({ ...milestone, description: '😀'.repeat(500) })).toEqual([])
    expect(faults({ ...milestone, description: '😀'.repeat(501) })).toEqual(['description'])
  })
})

describe('validateEvent', () => {
  it('hands back the very same event', () => {
    expect(validateEvent(milestone)).toBe(milestone)
  })

  it('says which event is wrong, where, and what the words may be', () => {
    const event = { ...milestone, event_type: 'PARTY' }
    expect(() => validateEvent(event)).toThrow(
      /^PARTY event 01K6QSPYQQECAPQKQSZ39S9QG5 is not valid: event_type: .*'MILESTONE'/,
    )
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'event'],
    ['a number', 3],
    ['a list', []],
  ])('refuses %s, which is no event at all', (_, event) => {
    expect(() => validateEvent(event)).toThrow(/^an event is not valid: /)
  })
})
