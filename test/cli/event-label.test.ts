import { describe, expect, it } from 'vitest'
import { describeEvent, whatItSays } from '#cli/event-label.js'
import type { RecordedEvent } from '#src/store/recorded-event.js'

function recorded(parts: Partial<RecordedEvent>): string {
  return JSON.stringify({
    event_id: 'e',
    timestamp: '2026-11-26T00:00:00Z',
    turn_number: 10,
    event_type: 'STATE',
    ...parts,
  })
}

function said(text: string): string {
  return whatItSays(JSON.parse(text) as RecordedEvent, text)
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
  ])('is %s', (_, parts, expected) => {
    expect(said(recorded(parts))).toBe(expected)
  })

  it('keeps the spelling of numbers', () => {
    const details = '"details":{"variable_name":"id","old_value":1.0,"new_value":9007199254740993}'
    const text = recorded({}).replace(/\}$/, `,${details}}`)
    expect(said(text)).toBe('{"old_value":1.0,"new_value":9007199254740993}')
  })

  it('may be nested as deeply as can be', () => {
    const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    expect(said(recorded({}).replace(/\}$/, `,"details":${nested}}`))).toBe(nested)
  })

  it('is cut, and steers no terminal, in a label', () => {
    const long = `\u001B[2J${'long '.repeat(50)}`
    const details = { variable_name: long }
    const label = describeEvent(recorded({ description: long, agent_id: long, details }))
    for (const part of [label.says, label.agent, label.what]) {
      expect(part).not.toContain('\u001B')
      expect(part).toHaveLength(80)
      expect(part.endsWith('…')).toBe(true)
    }
  })
})
