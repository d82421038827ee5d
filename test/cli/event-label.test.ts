import { describe, expect, it } from 'vitest'
import { describeEvent, whatItSays } from '#cli/event-label.js'
import type { RecordedEvent } from '#src/store/recorded-event.js'

function recorded(parts: Partial<RecordedEvent>): RecordedEvent {
  return {
    event_id: 'e',
    timestamp: '2026-11-26T00:00:00Z',
    turn_number: 10,
    event_type: 'STATE',
    ...parts,
  }
}

describe('what an event says', () => {
  it.each<[string, Partial<RecordedEvent>, string]>([
    [
      'its description',
      { description: 'gold rose', details: { variable_name: 'gold' } },
      'gold rose',
    ],
    [
      'its details without its kind',
      { details: { variable_name: 'gold', old_value: 9, new_value: 10 } },
      '{"old_value":9,"new_value":10}',
    ],
    ['nothing where its kind is all', { details: { variable_name: 'gold' } }, ''],
    [
      'all details where they have no kind',
      { details: { variable_name: 7 } },
      '{"variable_name":7}',
    ],
    ['details that are none', { details: [1] }, '[1]'],
    ['nothing of null', { description: null, details: null }, ''],
    ['nothing of nothing', {}, ''],
  ])('is %s', (_, parts, said) => {
    expect(whatItSays(recorded(parts))).toBe(said)
  })

  it('is something of details that are nested too deeply to be spelled', () => {
    const details: unknown = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)
    expect(whatItSays(recorded({ details }))).toBe('…')
  })

  it('is cut, and steers no terminal, in a label', () => {
    const { says } = describeEvent(recorded({ description: `\u001B[2J${'long '.repeat(50)}` }))
    expect(says).not.toContain('\u001B')
    expect(says).toHaveLength(80)
    expect(says.endsWith('…')).toBe(true)
  })
})
